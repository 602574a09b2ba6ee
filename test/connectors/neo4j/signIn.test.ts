import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { neo4jAddress } from '../../../src/connectors/neo4j/address.ts';
import { openDriver } from '../../../src/connectors/neo4j/openDriver.ts';
import type { Secrets } from '../../../src/core/connector.ts';
import { Secret } from '../../../src/core/secret.ts';
import { newCall } from '../../contract/directSubject.ts';

/** The magic and four proposals, 4 bytes each. */
const HANDSHAKE_BYTES = 20;
/** Bolt 5.2, the least that knows the driver's settings. HELLO and LOGON are sent without waiting for an answer. */
const BOLT = Buffer.from([0, 0, 2, 5]);

let server: Server;
/** What each connection said first, as it came. */
const said: Buffer[] = [];

beforeAll(async () => {
  server = createServer(socket => void listen(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => new Promise(resolve => server.close(resolve)));

/** Agrees on a version, takes the sign-in and hangs up. */
function listen(socket: Socket): void {
  let received = Buffer.alloc(0);
  let agreed = false;
  socket.on('error', () => undefined);
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk]);
    if (!agreed && received.length >= HANDSHAKE_BYTES) {
      agreed = true;
      socket.write(BOLT);
      received = received.subarray(HANDSHAKE_BYTES);
    }
    // A message ends with an empty chunk.
    if (agreed && received.includes('credentials') && received.subarray(-2).equals(Buffer.alloc(2))) {
      said.push(received);
      socket.destroy();
    }
  });
}

/** What a sign-in with these secrets sends to the server. */
async function signIn(secrets: Secrets): Promise<Buffer> {
  said.length = 0;
  const { port } = server.address() as AddressInfo;
  const link = openDriver(neo4jAddress({ host: '127.0.0.1', port, user: 'ada' }), secrets, newCall());
  try {
    await expect(link.read('RETURN 1', {}, newCall())).rejects.toThrow();
  } finally {
    await link.close();
  }
  return said[0]!;
}

/** Entries of a map in PackStream, of strings of less than 16 bytes. */
function entry(key: string, value: string): Buffer {
  return Buffer.concat([key, value].map(text => Buffer.from([0x80 + text.length, ...Buffer.from(text)])));
}

test('a token is sent as a bearer token, without a user', async () => {
  const sent = await signIn({ token: new Secret('sso-token') });
  expect(sent.includes(entry('scheme', 'bearer')), sent.toString('latin1')).toBe(true);
  expect(sent.includes(entry('credentials', 'sso-token'))).toBe(true);
  expect(sent.includes('principal')).toBe(false);
});

test('a password is sent with the user', async () => {
  const sent = await signIn({ password: new Secret('geheimnis') });
  expect(sent.includes(entry('scheme', 'basic')), sent.toString('latin1')).toBe(true);
  expect(sent.includes(entry('principal', 'ada'))).toBe(true);
  expect(sent.includes(entry('credentials', 'geheimnis'))).toBe(true);
});

test('a token goes before a password', async () => {
  const sent = await signIn({ token: new Secret('sso-token'), password: new Secret('geheimnis') });
  expect(sent.includes(entry('scheme', 'bearer')), sent.toString('latin1')).toBe(true);
  expect(sent.includes('geheimnis')).toBe(false);
});
