import { contractSuite } from '../../contract/contract.ts';
import { describeServer } from '../../servers/server.ts';
import { open } from './server.ts';

describeServer('weaviate', access => {
  contractSuite('weaviate', {
    provider: 'weaviate',
    async open() {
      let database = await open(access);
      return {
        database,
        async reopen() {
          await database.close();
          database = await open(access);
          return database;
        },
        close: () => database.close(),
      };
    },
  });
});
