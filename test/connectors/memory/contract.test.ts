import { connector } from '../../../src/connectors/memory/connector.ts';
import { forgetStore } from '../../../src/connectors/memory/store.ts';
import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../../contract/contract.ts';
import { newCall } from '../../contract/directSubject.ts';

contractSuite('memory', {
  provider: 'memory',
  async open() {
    const path = 'contract';
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
        forgetStore(path);
      },
    };
  },
});
