import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { VdbError } from '../model/errors.ts';
import { type Address, checkRunDirectory, checkSocket } from '../protocol/address.ts';

export interface Dialled {
  socket: Socket;
  token: string;
}

/** Nothing listens there now; a daemon may be on its way. */
const ABSENT = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * Connects to the first address where a daemon listens; null when there is none. Who owns directory and socket is
 * looked at before a byte is sent. Throws VdbError `config` or `denied`, and `busy` when the daemon's queue is full.
 */
export async function dial(addresses: Address[]): Promise<Dialled | null> {
  for (const address of addresses) {
    if (!checkRunDirectory(address.directory) || !checkSocket(address.socket)) continue;
    const token = readToken(address);
    if (token === null) continue;
    try {
      return { socket: await connected(address.socket), token };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (ABSENT.has(code ?? '')) continue;
      throw refused(address, code ?? message);
    }
  }
  return null;
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function readToken({ token }: Address): string | null {
  try {
    return readFileSync(token, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new VdbError('denied', `cannot read ${token}`, { reason: 'auth', cause: code ?? message });
  }
}

function refused({ socket }: Address, cause: string): VdbError {
  if (cause === 'EAGAIN') {
    return new VdbError('busy', 'the daemon has too many callers waiting', { reason: 'queue_full', cause });
  }
  if (cause === 'EACCES' || cause === 'EPERM') {
    return new VdbError('denied', `no right to connect to ${socket}`, {
      reason: 'forbidden',
      cause,
      hint: 'Run vdb as the user who started the daemon.',
    });
  }
  return new VdbError('unreachable', `cannot connect to ${socket}`, { reason: 'network', cause });
}
