import { contractSuite } from '../../contract/contract.ts';
import { nativeText } from '../../contract/nativeText.ts';
import { describeServer } from '../../servers/server.ts';
import { open } from './server.ts';

describeServer('weaviate', access => {
  contractSuite('weaviate', {
    provider: 'weaviate',
    facts: 'weaviate',
    async open() {
      let database = await open(access);
      return {
        database,
        async reopen() {
          await database.close();
          database = await open(access);
          return database;
        },
        stored: name => nativeText(database, `GET /v1/objects?class=${name}`),
        close: () => database.close(),
      };
    },
  });
});
