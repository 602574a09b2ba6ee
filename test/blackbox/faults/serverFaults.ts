import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { expect } from 'vitest';
import { type HttpAnswer, HttpRelay } from '../../doubles/faults/httpRelay.ts';
import { TcpRelay } from '../../doubles/faults/tcpRelay.ts';
import type { Case, DIMENSION_FAULTS, HTTP_FAULTS, NETWORK_FAULTS, TLS_FAULTS } from './fault.ts';
import { DIMENSION, type Stage } from './stage.ts';

/** Where a profile looks for its server. */
export interface Place {
  tls?: boolean;
  host?: string;
  port: number;
  /** Of the second interface of a server that has two. */
  grpcPort?: number;
}

/** A server that works. */
export interface Working {
  flags: string[];
  secret?: readonly [string, string];
  port: number;
  grpcPort?: number;
}

export interface Server {
  stage: Stage;
  /** Flags of a profile for a server at that place. */
  at(place: Place): string[];
  secretName: string;
  /** The text says why there is none. */
  working: Working | string;
}

/** Looks right, and stays apart from its escaped forms. */
export const WRONG = 'wrong+geheim/0815';

export function wrongSecret({ secretName }: Server): readonly [string, string] {
  return [secretName, WRONG];
}

/** A case that needs the working server. */
export function onWorking(server: Server, make: (working: Working) => ReturnType<Exclude<Case, string>>): Case {
  const { working } = server;
  return typeof working === 'string' ? working : () => make(working);
}

type Plain = Exclude<(typeof NETWORK_FAULTS)[number], (typeof TLS_FAULTS)[number]>;

export function networkFaults(server: Server): Record<Plain, Case> {
  const { stage, at } = server;
  const secret = wrongSecret(server);
  return {
    'closed port': async () => ({ flags: at({ port: await closedPort() }), secret }),
    'unknown host': async () => ({ flags: at({ tls: true, host: 'nohost.invalid', port: 6000 }), secret }),
    'mute server': async () => {
      const { port } = await stage.keep(TcpRelay.start());
      return { flags: at({ port }), secret, command: name => ['ping', name, '--timeout', '1s'] };
    },
  };
}

/** The working server behind one that ends TLS; `clients` asks for certificates of theirs too. */
async function behindTls({ stage, at }: Server, { port, grpcPort }: Working, clients = false) {
  const directory = await stage.certificates();
  const pem = (name: string) => readFileSync(join(directory, name));
  const tls: TlsOptions = { cert: pem('server.crt'), key: pem('server.key') };
  if (clients) Object.assign(tls, { ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true });
  const relay = await stage.keep(TcpRelay.start({ to: port, tls }));
  const second = grpcPort === undefined ? undefined : await stage.keep(TcpRelay.start({ to: grpcPort, tls }));
  const flags = (host: string) => at({ tls: true, host, port: relay.port, ...(second && { grpcPort: second.port }) });
  const file = (name: string) => join(directory, name);
  return { flags, ca: ['--ca', file('ca.crt')], client: ['--cert', file('client.crt'), '--key', file('client.key')] };
}

/** The certificate is for localhost. */
export function tlsFaults(server: Server): Record<(typeof TLS_FAULTS)[number], Case> {
  const wrong = wrongSecret(server);
  return {
    'untrusted certificate': onWorking(server, async working => {
      const { flags } = await behindTls(server, working);
      return { flags: flags('localhost'), secret: wrong };
    }),
    'certificate for another name': onWorking(server, async working => {
      const { flags, ca } = await behindTls(server, working);
      return { flags: [...flags('127.0.0.1'), ...ca], secret: wrong };
    }),
    'authority given': onWorking(server, async working => {
      const { flags, ca } = await behindTls(server, working);
      return { ...working, flags: [...flags('localhost'), ...ca] };
    }),
    'client certificate missing': onWorking(server, async working => {
      const { flags, ca } = await behindTls(server, working, true);
      return { flags: [...flags('localhost'), ...ca], secret: wrong };
    }),
    'client certificate given': onWorking(server, async working => {
      const { flags, ca, client } = await behindTls(server, working, true);
      return { ...working, flags: [...flags('localhost'), ...ca, ...client] };
    }),
  };
}

export function dimensionFaults(server: Server, collection: () => Promise<string>) {
  return {
    'query of another dimension': onWorking(server, async working => {
      const name = await collection();
      return { ...working, command: () => ['query', `working/${name}`, '--vector', '[1,2]'] };
    }),
    'record of another dimension': onWorking(server, async working => {
      const upsert = upsertOf(working, await collection(), '[1,2]');
      return { ...upsert, command: () => upsert.command('working') };
    }),
  } satisfies Record<(typeof DIMENSION_FAULTS)[number], Case>;
}

export const VECTOR = JSON.stringify(Array.from({ length: DIMENSION }, (_, i) => i + 1));

export function upsertOf(working: Pick<Working, 'flags' | 'secret'>, collection: string, vector = VECTOR) {
  const input = `{"id":"11111111-2222-4333-8444-555555555555","vector":${vector}}\n`;
  const command = (profile: string) => ['upsert', '-', '-c', profile, '--collection', collection];
  return { flags: working.flags, ...(working.secret && { secret: working.secret }), command, input };
}

/** The working server behind one that becomes mute once the connection has written. */
export function muteDuringWrite(server: Server, collection: () => Promise<string>): Case {
  return onWorking(server, async working => {
    const { stage, at } = server;
    const name = await collection();
    const relays = [await stage.keep(TcpRelay.start({ to: working.port }))];
    if (working.grpcPort !== undefined) relays.push(await stage.keep(TcpRelay.start({ to: working.grpcPort })));
    const mute = (muted: boolean) => {
      for (const relay of relays) relay.muted = muted;
    };
    const grpcPort = relays[1]?.port;
    const flags = at({ port: relays[0]!.port, ...(grpcPort !== undefined && { grpcPort }) });
    const { input, command } = upsertOf(working, name);
    return {
      ...working,
      flags,
      input,
      command: profile => [...command(profile), '--timeout', '1s'],
      async before(profile) {
        await stage.world.ok(['connect', profile]);
        await stage.world.ok(command(profile), { input });
        mute(true);
      },
      heal: () => mute(false),
    };
  });
}

type Http = (typeof HTTP_FAULTS)[number] | 'rate limit';

/** What a server over HTTP may answer, whatever it is asked. */
export function httpFaults(server: Server): Record<Exclude<Http, 'request too large'>, Case> {
  const { stage, at } = server;
  const secret = wrongSecret(server);
  const answering = async (answer: HttpAnswer) => {
    const relay = await stage.keep(HttpRelay.start(() => answer));
    return { relay, flags: at({ port: relay.port }), secret };
  };
  return {
    async redirect() {
      const target = await stage.keep(HttpRelay.start(() => ({ status: 200, body: '{}' })));
      const location = `http://127.0.0.1:${target.port}/elsewhere`;
      const { relay, flags } = await answering({ status: 307, headers: { location } });
      const after = () => {
        expect(JSON.stringify(relay.asked), 'the key is sent where the profile says').toContain(WRONG);
        expect(target.asked, 'and nothing where the redirect leads').toEqual([]);
      };
      return { flags, secret, after };
    },
    async 'rate limit'() {
      const { relay, flags } = await answering({ status: 429, headers: { 'retry-after': '1' }, body: 'slow down' });
      const after = () => {
        const times = relay.asked.splice(0).map(({ atMs }) => atMs);
        expect(times.length, 'it is tried again').toBeGreaterThan(1);
        // A timer of Node may be a millisecond early.
        for (const [i, time] of times.entries()) if (i > 0) expect(time - times[i - 1]!).toBeGreaterThan(995);
      };
      return { flags, secret, after, command: name => ['ping', name, '--timeout', '2s'] };
    },
    'failing server': () => answering({ status: 500, body: 'oops' }),
    'overloaded server': () => answering({ status: 503, body: 'later' }),
  };
}

/** The working server, given another secret than its own, and none. */
export function secretFaults(server: Server): Record<'wrong secret' | 'no secret', Case> {
  return {
    'wrong secret': onWorking(server, async ({ flags }) => ({ flags, secret: wrongSecret(server) })),
    'no secret': onWorking(server, async ({ flags }) => ({ flags })),
  };
}

/** A door that the working server has not: something over HTTP in front of it refuses. */
export function refusing(server: Server, status: 401 | 403, given = true): Case {
  return async () => {
    const { port } = await server.stage.keep(HttpRelay.start(() => ({ status, body: '{"message":"no"}' })));
    return { flags: server.at({ port }), ...(given && { secret: wrongSecret(server) }) };
  };
}

/** The working server behind one that finds requests too large which `writes`. */
export function tooLarge(server: Server, collection: () => Promise<string>, writes: RegExp): Case {
  return onWorking(server, async working => {
    const name = await collection();
    const answer = (line: string) => (writes.test(line) ? { status: 413, body: 'too large' } : undefined);
    const relay = await server.stage.keep(HttpRelay.start(answer, `http://127.0.0.1:${working.port}`));
    return upsertOf({ ...working, flags: server.at({ port: relay.port }) }, name);
  });
}

export async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise(resolve => probe.close(resolve));
  return port;
}

/** A profile of the working server and a collection there, both made when first needed. */
export function collectionOf(
  stage: Stage,
  provider: string,
  working: Omit<Working, 'port'> | string,
): () => Promise<string> {
  let made: Promise<string> | undefined;
  const make = async ({ flags, secret }: Omit<Working, 'port'>) => {
    await stage.profile('working', provider, flags, secret);
    return stage.collection('working');
  };
  return () => (made ??= make(working as Working));
}

export function portOf(url: string): number {
  return Number(new URL(url).port);
}
