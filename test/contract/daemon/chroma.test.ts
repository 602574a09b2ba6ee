import { describeServer } from '../../servers/server.ts';
import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

describeServer('chroma', ({ url }) =>
  daemonContractSuite(
    'chroma',
    daemonHarness('chroma', () => ({ url })),
  ),
);
