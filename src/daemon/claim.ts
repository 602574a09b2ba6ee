import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileError } from '../core/files/fileError.ts';
import { VdbError } from '../model/errors.ts';
import { type Address, checkSocket, makeRunDirectory } from '../protocol/address.ts';
import { lives, lockPath, type Owner, thisOwner, topLock } from '../protocol/owner.ts';

/** `somaxconn` of Linux; with Node's 511 a busy daemon makes thousands of clients see EAGAIN. */
const BACKLOG = 4096;

/** A file system that cannot hold a socket, or cannot be written. */
const CANNOT_BIND = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'EINVAL', 'EIO', 'EROFS', 'EACCES']);

/** The right to be the one daemon of a state directory, and its listening socket. */
export interface Claim {
  address: Address;
  token: string;
  server: Server;
  /** Sockets accepted while the daemon was still loading come at once, the others as they arrive. */
  onSocket(accept: (socket: Socket) => void): void;
  /** Whether the public socket still is the one that was put there. */
  holds(): boolean;
  /** Tells judges in other containers that this process lives. */
  touch(): void;
  /** Takes the public name away, if it is ours. The lock stays: it ends with the process. */
  release(): void;
}

/** Claims the first address that can hold a socket. Throws VdbError `busy`, reason `locked`, when another daemon lives. */
export async function claimOne(addresses: Address[]): Promise<Claim> {
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await claim(address);
    } catch (error) {
      const { code, details } = error as VdbError & NodeJS.ErrnoException;
      if (!CANNOT_BIND.has(error instanceof VdbError ? (details.cause ?? '') : (code ?? '')))
        throw told(error, address);
      failure ??= error;
    }
  }
  if (failure instanceof VdbError) throw failure;
  const { code, message } = failure as NodeJS.ErrnoException;
  throw new VdbError('io', `cannot listen at ${addresses[0]?.socket}`, {
    cause: code ?? message,
    hint: 'Set VDB_STATE_DIR to a directory on a local file system.',
  });
}

/** What the operating system refused is no fault of ours: a full disk, no descriptors left. */
function told(error: unknown, { socket }: Address): unknown {
  return (error as NodeJS.ErrnoException).syscall === undefined ? error : fileError(error, 'create', socket);
}

async function claim(address: Address): Promise<Claim> {
  makeRunDirectory(address.directory);
  const owner = thisOwner();
  const number = takeLock(address.directory, owner);
  const lock = lockPath(address.directory, number);
  // Locks can lie when the owner is in another container: who answers is alive.
  if (checkSocket(address.socket) && (await answers(address.socket))) throw locked(address.directory, null);
  const token = randomBytes(32).toString('hex');
  const waiting: Socket[] = [];
  let accept = (socket: Socket): void => void waiting.push(socket);
  const server = createServer({ pauseOnConnect: true }, socket => {
    // A client may leave at any moment: without a listener its reset would end the daemon.
    socket.on('error', () => socket.destroy());
    accept(socket);
  });
  const inode = await publish(server, address, token);
  removeOlderLocks(address.directory, number);
  const holds = () => lstatSync(address.socket, { throwIfNoEntry: false })?.ino === inode;
  return {
    address,
    token,
    server,
    onSocket(next) {
      accept = next;
      for (const socket of waiting.splice(0)) next(socket);
    },
    holds,
    touch() {
      const now = new Date();
      // Who removes the state directory under a daemon ends it by that: its socket is gone too, which `holds` tells.
      if (existsSync(lock)) utimesSync(lock, now, now);
    },
    release() {
      if (!holds()) return;
      unlinkSync(address.socket);
      if (existsSync(address.token) && readFileSync(address.token, 'utf8') === token) unlinkSync(address.token);
    },
  };
}

/**
 * Generation lock: `lock.N+1` may be made when the owner of `lock.N` is dead, and link(2) lets one process make it.
 * Lower generations are removed by the winner, the highest never: a process that judged an old generation finds a higher
 * one when it looks again, and gives up.
 */
function takeLock(directory: string, owner: Owner): number {
  const draft = join(directory, `owner.${randomBytes(6).toString('hex')}`);
  try {
    writeFileSync(draft, JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
    for (;;) {
      const top = topLock(directory);
      if (top && lives(top)) throw locked(directory, top.owner);
      const number = (top?.number ?? 0) + 1;
      try {
        linkSync(draft, lockPath(directory, number));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      if (topLock(directory)?.number === number) return number;
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function locked(directory: string, owner: Owner | null): VdbError {
  return new VdbError('busy', `another vdbd${owner ? ` (pid ${owner.pid})` : ''} serves ${directory}`, {
    reason: 'locked',
    data: { pid: owner?.pid ?? null },
    hint: 'Nothing needs to be done: vdb uses the one that runs.',
  });
}

function answers(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(socket);
    probe.on('connect', () => resolve(true));
    // A full backlog or a refusal of rights is not death.
    probe.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
    probe.on('close', () => probe.destroy());
    probe.on('connect', () => probe.destroy());
  });
}

/**
 * Listens under a private name, then renames it: closing the server unlinks the name it was bound to, whoever owns that
 * by then, so it must not be the public one. The token is there before the socket is.
 */
async function publish(server: Server, address: Address, token: string): Promise<number> {
  const suffix = randomBytes(4).toString('hex').slice(0, 7);
  // As long as `vdbd.sock`: protocol/address.ts checked that it fits.
  const draft = join(dirname(address.socket), `s.${suffix}`);
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: draft, backlog: BACKLOG }, resolve);
    });
  } finally {
    process.umask(mask);
  }
  const tokenDraft = `${address.token}.${suffix}`;
  try {
    writeFileSync(tokenDraft, token, { flag: 'wx', mode: 0o600 });
    renameSync(tokenDraft, address.token);
    const inode = lstatSync(draft).ino;
    renameSync(draft, address.socket);
    return inode;
  } catch (error) {
    server.close();
    rmSync(tokenDraft, { force: true });
    throw error;
  }
}

function removeOlderLocks(directory: string, number: number): void {
  for (let older = number - 1; older > 0; older--) {
    const path = lockPath(directory, older);
    if (!lstatSync(path, { throwIfNoEntry: false })) return;
    rmSync(path, { force: true });
  }
}
