import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connector } from '../../../src/connectors/pgvector/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';
import { nativeText } from '../../contract/nativeText.ts';

contractSuite('pgvector (PGlite)', {
  provider: 'pgvector',
  facts: 'pgvector-pglite',
  async open() {
    const path = await mkdtemp(join(tmpdir(), 'vdb-pglite-'));
    const connect = async () => guard(await connector.connect({ path: join(path, 'data') }, {}, newCall()), connector);
    let database = await connect();
    return {
      database,
      async reopen() {
        await database.close();
        database = await connect();
        return database;
      },
      stored: name => nativeText(database, `select metadata from "${name}"`),
      async close() {
        await database.close();
        await rm(path, { recursive: true, force: true });
      },
    };
  },
});
