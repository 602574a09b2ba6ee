import { connector } from '../../../src/connectors/pgvector/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';
import { nativeText } from '../../contract/nativeText.ts';
import { withServer } from './server.ts';

withServer(({ options, secrets }) => {
  contractSuite('pgvector (server)', {
    provider: 'pgvector',
    facts: 'pgvector-server',
    async open() {
      const connect = async () => guard(await connector.connect(options, secrets, newCall()), connector);
      let database = await connect();
      return {
        database,
        async reopen() {
          await database.close();
          database = await connect();
          return database;
        },
        stored: name => nativeText(database, `select metadata from "${name}"`),
        close: () => database.close(),
      };
    },
  });
});
