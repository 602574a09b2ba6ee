import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

daemonContractSuite(
  'lancedb',
  daemonHarness('lancedb', path => ({ path })),
);
