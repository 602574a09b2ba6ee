import { z } from 'zod';
import type { DaemonMethods } from '../../protocol/methods/daemon.ts';
import { none, type ParamsSchemas } from './shared.ts';

/** `hello`, `status` and `stop` pass over what they do not know: other versions must be able to call them. */
export const daemonParams: ParamsSchemas<Exclude<keyof DaemonMethods, 'daemon.settings'>> = {
  'daemon.hello': z.object({
    token: z.string(),
    protocol: z.number(),
    version: z.string().optional(),
    stateDir: z.string().optional(),
    configDir: z.string().optional(),
  }),
  'daemon.status': z.object({}),
  'daemon.stop': z.object({ now: z.boolean().optional() }),
  'daemon.methods': none,
};
