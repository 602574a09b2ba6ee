import { join } from 'node:path';
import { server } from '../../servers/server.ts';
import { type Case, DIRECTORY_FAULTS, HTTP_FAULTS, none, TLS_FAULTS } from './fault.ts';
import {
  collectionOf,
  dimensionFaults,
  muteDuringWrite,
  networkFaults,
  onWorking,
  type Place,
  portOf,
  type Server,
  secretFaults,
  type Working,
  wrongSecret,
} from './serverFaults.ts';
import type { Stage } from './stage.ts';
import type { Subject } from './subjects.ts';

const ROLE_PASSWORD = 'role-geheim-of-the-test';

export function postgres(stage: Stage): Subject {
  const found = server('postgres');
  const at = ({ host = '127.0.0.1', port }: Place) => ['--url', `postgres://postgres@${host}:${port}/postgres`];
  const working = 'absent' in found ? found.absent : workingOf(found.url);
  const pgvector: Server = { stage, at, secretName: 'password', working };
  const collection = collectionOf(stage, 'pgvector', working);
  /** A login of its own, which is no superuser. */
  const role = async (name: string, options: string) => {
    await collection();
    const native = (statement: string) => stage.world.ok(['native', statement, '-c', 'working']);
    await native(`create role ${name}${stage.run} login password '${ROLE_PASSWORD}' ${options}`);
    stage.atEnd(() => native(`drop role ${name}${stage.run}`));
    const flags = [...(working as Working).flags, '--user', `${name}${stage.run}`];
    return { flags, secret: ['password', ROLE_PASSWORD] as const };
  };
  return {
    provider: 'pgvector',
    what: typeof working === 'string' ? working : 'real server',
    cases: {
      ...none(DIRECTORY_FAULTS, 'it is a server'),
      ...none(HTTP_FAULTS, 'it speaks no HTTP, and has no such answer'),
      ...networkFaults(pgvector),
      ...postgresTls(pgvector),
      ...secretFaults(pgvector),
      ...dimensionFaults(pgvector, collection),
      forbidden: onWorking(pgvector, async () => {
        const name = await collection();
        return { ...(await role('reader', '')), command: profile => ['scan', `${profile}/${name}`] };
      }),
      'mute server during a write': muteDuringWrite(pgvector, collection),
      'rate limit': onWorking(pgvector, async () => ({
        ...(await role('crowded', 'connection limit 0')),
        told: { reason: 'connection_limit' },
      })),
    },
  };
}

function workingOf(text: string): Working {
  const url = new URL(text);
  const password = decodeURIComponent(url.password);
  url.password = '';
  return { flags: ['--url', url.href], secret: ['password', password], port: portOf(text) };
}

/** A server that speaks TLS itself; its certificate is for localhost, and some of its roles need one of their own. */
function postgresTls(server_: Server): Record<(typeof TLS_FAULTS)[number], Case> {
  const found = server('postgres-tls');
  if ('absent' in found) return none(TLS_FAULTS, found.absent);
  const { secret } = workingOf(found.url);
  const port = portOf(found.url);
  const file = (name: string) => join(found.certificates!, name);
  const ca = ['--ca', file('ca.crt')];
  const at = (host: string, user = 'postgres') => ['--url', `postgres://${user}@${host}:${port}/postgres`];
  const wrong = wrongSecret(server_);
  const client = ['--cert', file('client.crt'), '--key', file('client.key')];
  return {
    'untrusted certificate': async () => ({ flags: [...at('localhost'), '--sslmode', 'verify-full'], secret: wrong }),
    'certificate for another name': async () => ({ flags: [...at('127.0.0.1'), ...ca], secret: wrong }),
    'authority given': async () => ({ flags: [...at('localhost'), ...ca], ...(secret && { secret }) }),
    'client certificate missing': async () => ({
      flags: [...at('localhost', 'certuser'), ...ca],
      secret: wrong,
    }),
    'client certificate given': async () => ({ flags: [...at('localhost', 'certuser'), ...ca, ...client] }),
  };
}
