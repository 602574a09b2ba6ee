import { connector } from '../../../src/connectors/qdrant/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';
import { nativeText } from '../../contract/nativeText.ts';
import { openAny } from './subjects.ts';

contractSuite('qdrant', {
  provider: 'qdrant',
  facts: 'qdrant',
  async open() {
    const place = await openAny();
    const connect = async () => guard(await connector.connect(place.options, place.secrets, newCall()), connector);
    let database = await connect();
    return {
      database,
      async reopen() {
        await database.close();
        database = await connect();
        return database;
      },
      stored: name => nativeText(database, `POST /collections/${name}/points/scroll {"with_payload":true}`),
      double: place.name === 'double',
      async close() {
        await database.close();
        await place.close();
      },
    };
  },
});
