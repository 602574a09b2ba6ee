import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

daemonContractSuite(
  'memory',
  daemonHarness('memory', path => ({ path })),
);
