import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

daemonContractSuite(
  'pgvector (PGlite)',
  daemonHarness('pgvector', path => ({ path })),
);
