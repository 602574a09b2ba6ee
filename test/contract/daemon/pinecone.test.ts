import { PineconeDouble } from '../../doubles/pinecone/pineconeDouble.ts';
import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

daemonContractSuite('pinecone (double)', {
  provider: 'pinecone',
  async open() {
    const double = await new PineconeDouble().start();
    const opened = await daemonHarness('pinecone', () => ({ controllerUrl: double.url }), {
      apiKey: double.options.apiKey,
    })
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
