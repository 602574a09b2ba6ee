import { VdbError } from '../model/errors.ts';
import type { Directories } from '../protocol/directories.ts';
import { type MethodName, type Params, PROTOCOL } from '../protocol/methods/methods.ts';
import { compareVersions, VERSION } from '../version.ts';

/** These never change shape, and are answered while draining and across versions. */
export const ALWAYS_SERVED: ReadonlySet<string> = new Set<MethodName>(['daemon.hello', 'daemon.status', 'daemon.stop']);

/** Why this caller must not be served by this daemon; null when it may. */
export function refusalOf(hello: Partial<Params<'daemon.hello'>>, own: Directories): VdbError | null {
  const newer = typeof hello.version === 'string' && compareVersions(hello.version, VERSION) > 0;
  if (hello.protocol !== PROTOCOL || newer) {
    const client = `${hello.version ?? 'unknown'} (protocol ${hello.protocol})`;
    return new VdbError('protocol', `the daemon is version ${VERSION} (protocol ${PROTOCOL}), the client ${client}`, {
      reason: 'version_skew',
      hint: 'Stop the daemon with vdb daemon stop, or use the same version on both sides.',
    });
  }
  for (const [name, variable] of [
    ['stateDir', 'VDB_STATE_DIR'],
    ['configDir', 'VDB_CONFIG_DIR'],
  ] as const) {
    const theirs = hello[name];
    if (theirs === undefined || theirs === own[name]) continue;
    return new VdbError('config', `the daemon uses ${own[name]}, and this caller ${theirs}`, {
      reason: 'other_directories',
      hint: `Set ${variable} to ${own[name]}, or give the caller a daemon of its own by setting VDB_STATE_DIR too.`,
    });
  }
  return null;
}
