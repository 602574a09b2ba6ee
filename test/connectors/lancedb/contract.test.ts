import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as lance } from '@lancedb/lancedb';
import { connector } from '../../../src/connectors/lancedb/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';

contractSuite('lancedb', {
  provider: 'lancedb',
  facts: 'lancedb',
  async open() {
    const path = await mkdtemp(join(tmpdir(), 'vdb-lance-'));
    const connect = async () => guard(await connector.connect({ path }, {}, newCall()), connector);
    let database = await connect();
    return {
      database,
      async reopen() {
        await database.close();
        database = await connect();
        return database;
      },
      async stored(name) {
        const table = await (await lance(path)).openTable(name);
        return JSON.stringify(await table.query().toArray(), (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        );
      },
      async close() {
        await database.close();
        await rm(path, { recursive: true });
      },
    };
  },
});
