import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connector } from '../../../src/connectors/lancedb/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';

contractSuite('lancedb', {
  provider: 'lancedb',
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
      async close() {
        await database.close();
        await rm(path, { recursive: true });
      },
    };
  },
});
