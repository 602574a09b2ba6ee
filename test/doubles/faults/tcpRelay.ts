import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface TcpRelayOptions {
  /** Port on 127.0.0.1 of the server behind; without one the relay is mute. */
  to?: number;
  /** Ends TLS here; what is behind sees plain text. */
  tls?: TlsOptions;
}

/** Bytes to a server and back, of any protocol, until it is made mute: then it takes everything and answers nothing. */
export class TcpRelay {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  muted: boolean;

  private constructor({ to, tls }: TcpRelayOptions) {
    this.muted = to === undefined;
    const serve = (client: Socket): void => {
      this.#keep(client);
      const server = to === undefined ? undefined : this.#keep(connect(to, '127.0.0.1'));
      client.on('data', chunk => this.muted || server?.write(chunk));
      server?.on('data', chunk => this.muted || client.write(chunk));
      client.on('close', () => server?.destroy());
      server?.on('close', () => client.destroy());
    };
    // HTTP/2 is what gRPC asks for.
    this.#server = tls ? createTlsServer({ ...tls, ALPNProtocols: ['h2', 'http/1.1'] }, serve) : createServer(serve);
    // A client that does not trust the certificate leaves during the handshake.
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('connection', socket => this.#keep(socket));
  }

  static async start(options: TcpRelayOptions = {}): Promise<TcpRelay> {
    const relay = new TcpRelay(options);
    await new Promise<void>(resolve => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise(resolve => this.#server.close(resolve));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // Either side may go at any time: the other is then closed too.
    socket.on('error', () => undefined);
    return socket;
  }
}
