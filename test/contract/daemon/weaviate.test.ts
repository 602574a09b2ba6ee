import { describeServer } from '../../servers/server.ts';
import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

describeServer('weaviate', ({ url, grpcPort, apiKey }) => {
  daemonContractSuite(
    'weaviate',
    daemonHarness(
      'weaviate',
      () => ({ url, ...(grpcPort !== undefined && { grpcPort }) }),
      apiKey === undefined ? {} : { apiKey },
    ),
  );
});
