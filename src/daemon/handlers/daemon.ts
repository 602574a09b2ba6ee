import type { DaemonMethods } from '../../protocol/methods/daemon.ts';
import { type MethodName, PROTOCOL } from '../../protocol/methods/methods.ts';
import { SUMMARIES } from '../../protocol/methods/summaries.ts';
import { VERSION } from '../../version.ts';
import type { Handlers } from '../handler.ts';
import { INSTANCE } from '../instance.ts';

export const daemonHandlers: Handlers<Exclude<keyof DaemonMethods, 'daemon.settings'>> = {
  /** The token was checked before anything is dispatched. */
  'daemon.hello': async (_params, _request, { stateDir, configDir }) => ({
    version: VERSION,
    protocol: PROTOCOL,
    pid: process.pid,
    instance: INSTANCE,
    stateDir,
    configDir,
  }),

  'daemon.status': async (_params, _request, services) => services.status(),

  'daemon.stop': async ({ now = false }, _request, services) => {
    services.stop(now);
    return { pid: process.pid, stopping: true };
  },

  'daemon.methods': async () =>
    (Object.keys(SUMMARIES) as MethodName[]).map(method => ({ method, summary: SUMMARIES[method].summary })),
};
