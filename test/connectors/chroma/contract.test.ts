import { connector } from '../../../src/connectors/chroma/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';
import { nativeText } from '../../contract/nativeText.ts';
import { describeServer } from '../../servers/server.ts';

describeServer('chroma', ({ url }) => {
  contractSuite('chroma', {
    provider: 'chroma',
    facts: 'chroma',
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
        async stored(name) {
          const { id } = JSON.parse(await nativeText(database, `GET /collections/${name}`)) as { id: string };
          return nativeText(database, `POST /collections/${id}/get {"include":["metadatas"]}`);
        },
        close: () => database.close(),
      };
    },
  });
});
