import { startQdrant } from '../../doubles/qdrant/server.ts';
import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

daemonContractSuite('qdrant (double)', {
  provider: 'qdrant',
  async open() {
    const double = await startQdrant();
    const opened = await daemonHarness('qdrant', () => ({ url: double.url }))
      .open()
      .catch(async error => {
        await double.close();
        throw error;
      });
    return {
      ...opened,
      async close() {
        await opened.close();
        await double.close();
      },
    };
  },
});
