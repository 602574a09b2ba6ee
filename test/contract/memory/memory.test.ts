import { guard } from '../../../src/core/guard.ts';
import { contractSuite } from '../contract.ts';
import { newCall } from '../directSubject.ts';
import { forgetMemory, memoryConnector } from './memoryConnector.ts';

contractSuite('memory', {
  provider: 'memory',
  async open() {
    const connect = async () =>
      guard(await memoryConnector.connect({ path: 'contract' }, {}, newCall()), memoryConnector);
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
        forgetMemory('contract');
      },
    };
  },
});
