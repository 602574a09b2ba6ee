import { TEST_BUILD } from '../core/testBuild.ts';
import type { Environment } from '../protocol/directories.ts';

/** The numbers of serving; those of databases and jobs are settings (core/settings.ts). */
export const LIMITS = {
  sockets: 4096,
  /** File descriptors kept free for databases, journals and files. */
  reservedDescriptors: 64,
  inFlight: 64,
  /** A socket that has not said hello by then is closed. */
  helloMs: 5_000,
  /** Bytes of a first frame: nobody is known yet. */
  helloBytes: 65_536,
  /** A frame that began and has not ended by then closes its socket. */
  frameMs: 30_000,
  /** Answers that a client has not read; above it, nothing more is read from that client. */
  backlogBytes: 8 * 1024 * 1024,
  itemsBytes: 1024 * 1024,
  itemsMs: 50,
  progressMs: 100,
  /** How long a handler may take to end cleanly after a cancel … */
  cancelGraceMs: 5_000,
  /** … and after its deadline. */
  deadlineGraceMs: 100,
  drainMs: 10_000,
  /** How often the daemon looks whether the public socket still is its own. */
  watchMs: 60_000,
};

/** `idleExitMs`, given by tests only, stands in for the setting of that name. */
export type Limits = typeof LIMITS & { idleExitMs?: number };

/** In test builds `VDB_TEST_LIMITS`, JSON, shortens them. */
export function limitsFrom(env: Environment): Limits {
  return { ...LIMITS, ...(TEST_BUILD && env.VDB_TEST_LIMITS ? JSON.parse(env.VDB_TEST_LIMITS) : {}) };
}
