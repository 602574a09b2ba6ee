import { server } from '../../servers/server.ts';
import { DIRECTORY_FAULTS, HTTP_FAULTS, none } from './fault.ts';
import {
  collectionOf,
  dimensionFaults,
  muteDuringWrite,
  networkFaults,
  onWorking,
  type Place,
  portOf,
  type Server,
  tlsFaults,
  type Working,
  wrongSecret,
} from './serverFaults.ts';
import type { Stage } from './stage.ts';
import type { Subject } from './subjects.ts';

export function neo4j(stage: Stage): Subject {
  const found = server('neo4j');
  const at = ({ tls, host = '127.0.0.1', port }: Place) => ['--url', `bolt${tls ? '+s' : ''}://${host}:${port}`];
  const working: Working | string =
    'absent' in found
      ? found.absent
      : {
          flags: ['--url', found.url, '--user', found.user ?? 'neo4j'],
          secret: ['password', found.password ?? ''],
          port: portOf(found.url),
        };
  const neo4j: Server = { stage, at, secretName: 'password', working };
  const collection = collectionOf(stage, 'neo4j', working);
  /** A user whom nobody else needs: three wrong passwords lock it for five seconds. */
  const user = async (name: string) => {
    await collection();
    const { flags, secret } = working as Working;
    await stage.profile(`system-${name}`, 'neo4j', [...flags, '--database', 'system'], secret);
    const run = (statement: string) => stage.world.ok(['native', statement, '-c', `system-${name}`]);
    await run(`CREATE USER ${name}${stage.run} SET PASSWORD 'the-right-one' CHANGE NOT REQUIRED`);
    stage.atEnd(() => run(`DROP USER ${name}${stage.run}`));
    return { flags: [...flags.slice(0, 2), '--user', `${name}${stage.run}`], secret: wrongSecret(neo4j) };
  };
  return {
    provider: 'neo4j',
    what: typeof working === 'string' ? working : 'real server',
    cases: {
      ...none(DIRECTORY_FAULTS, 'it is a server'),
      ...none(HTTP_FAULTS, 'it speaks Bolt, which has no such answer'),
      ...networkFaults(neo4j),
      ...tlsFaults(neo4j),
      ...dimensionFaults(neo4j, collection),
      'wrong secret': onWorking(neo4j, () => user('mistaken')),
      'no secret': onWorking(neo4j, async ({ flags }) => ({ flags })),
      forbidden: 'in the Community edition every user may do everything',
      'mute server during a write': muteDuringWrite(neo4j, collection),
      'rate limit': onWorking(neo4j, async () => {
        const stormy = await user('stormy');
        const before = async (name: string) => {
          for (let i = 0; i < 3; i++) await stage.world.run(['ping', name]);
        };
        return { ...stormy, before, command: name => ['ping', name, '--timeout', '2s'] };
      }),
    },
  };
}
