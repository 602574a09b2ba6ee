import { connector } from '../../../src/connectors/chroma/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';
import { describeServer } from '../../servers/server.ts';

describeServer('chroma', ({ url }) => {
  contractSuite('chroma', {
    provider: 'chroma',
    async open() {
      const connect = async () => guard(await connector.connect({ url }, {}, newCall()), connector);
      let database = await connect();
      return {
        database,
        async reopen() {
          await database.close();
          database = await connect();
          return database;
        },
        close: () => database.close(),
      };
    },
  });
});
