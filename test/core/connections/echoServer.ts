import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import type { Connector } from '../../../src/core/connector.ts';
import { connectorWith, withVerbs } from '../fakeDatabase.ts';

/** A server that says back what it is told, until it is stopped or made to say nothing. */
export class EchoServer {
  port = 0;
  silent = false;
  /** Connections it took so far. */
  taken = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  async start(): Promise<void> {
    this.#server = createServer(socket => {
      this.taken++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
      socket.on('data', data => this.silent || socket.write(data));
    });
    await new Promise<void>(resolve => this.#server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise(resolve => this.#server?.close(resolve) ?? resolve(null));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#server = undefined;
  }
}

/** The memory database behind such a server: to connect takes a socket, and to ping a round trip on it. */
export function echoConnector(refuse: () => Error | undefined = () => undefined): Connector {
  const memory = connectorWith(() => ({}));
  return {
    ...memory,
    manifest: {
      ...memory.manifest,
      options: [{ name: 'port', type: 'integer', help: '' }],
      secrets: [{ name: 'password', help: '' }],
      addressedBy: [['port']],
    },
    endpoint: ({ port }) => `127.0.0.1:${port}`,
    classify: error => {
      const { code } = error as { code?: string };
      if (code === 'ECONNREFUSED') return { code: 'unreachable', reason: 'refused' };
      if (code === '28P01') return { code: 'denied', reason: 'auth' };
      return { code: 'unreachable', reason: 'reset' };
    },
    async connect(options, secrets, call) {
      const refused = refuse();
      if (refused) throw refused;
      const socket = dial(Number(options.port), '127.0.0.1');
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      socket.on('error', () => undefined);
      const database = await memory.connect({ path: String(options.port) }, secrets, call);
      return withVerbs(database, {
        ping: () =>
          new Promise<{ serverVersion: string }>((resolve, reject) => {
            const lost = () => reject(new Error('the socket closed'));
            if (socket.destroyed) return lost();
            socket.once('close', lost);
            socket.once('data', () => {
              socket.off('close', lost);
              resolve({ serverVersion: 'echo' });
            });
            socket.write('?');
          }),
        close: async () => void socket.destroy(),
      });
    },
  };
}
