import { describeServer } from '../../servers/server.ts';
import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

describeServer('neo4j', ({ url, user = 'neo4j', password = '' }) =>
  daemonContractSuite(
    'neo4j',
    daemonHarness('neo4j', () => ({ url, user }), { password }),
  ),
);
