import { readFileSync } from 'node:fs';
import type { Server as NetServer, Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { VdbError } from '../model/errors.ts';
import type { Directories } from '../protocol/directories.ts';
import { encodeFrame } from '../protocol/framing.ts';
import { toRpcError } from '../protocol/rpcError.ts';
import type { Dispatcher } from './dispatcher.ts';
import { stopping } from './lifecycle.ts';
import type { Limits } from './limits.ts';
import { ServedLink } from './servedLink.ts';

/** All callers of this daemon. */
export class Server {
  readonly #links = new Set<ServedLink>();
  readonly #dispatcher: Dispatcher;
  readonly #own: Directories;
  readonly #limits: Limits;
  readonly #most: number;

  constructor(dispatcher: Dispatcher, own: Directories, limits: Limits) {
    this.#dispatcher = dispatcher;
    this.#own = own;
    this.#limits = limits;
    this.#most = Math.max(1, Math.min(limits.sockets, descriptors() - limits.reservedDescriptors));
  }

  accept(socket: Socket, token: string): void {
    if (this.#links.size >= this.#most) {
      socket.end(encodeFrame({ jsonrpc: '2.0', id: null, error: toRpcError(full(this.#most)) }));
      socket.resume();
      return;
    }
    this.serve(socket, socket, token);
  }

  serve(readable: Readable, writable: Writable, token: string | null, ended: () => void = () => undefined): void {
    const served = new ServedLink(readable, writable, {
      token,
      own: this.#own,
      limits: this.#limits,
      dispatcher: this.#dispatcher,
      ended: link => {
        this.#links.delete(link);
        ended();
      },
    });
    this.#links.add(served);
  }

  /**
   * Lets every caller take what was written to it, for a second at most. To be called when nothing runs any more: then the
   * last word, that the daemon stops, tells a caller that what was not answered was not begun.
   */
  async close(listening: NetServer | null): Promise<void> {
    listening?.close();
    const links = [...this.#links];
    const limit = AbortSignal.timeout(1000);
    await Promise.all(links.map(({ link }) => link.drained(limit)));
    for (const { link } of links) {
      link.send({ jsonrpc: '2.0', id: null, error: toRpcError(stopping()) });
      link.close();
    }
    await new Promise(resolve => setImmediate(resolve));
  }
}

/** Node raises its soft limit to the hard one when it starts. */
function descriptors(): number {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return match ? Number(match[1]) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function full(most: number): VdbError {
  return new VdbError('busy', `the daemon has as many callers as it can take (${most})`, {
    reason: 'connection_limit',
    hint: 'Try again when some of them have ended.',
  });
}
