import { z } from 'zod';
import type { SessionMethods } from '../../protocol/methods/session.ts';
import { none, type ParamsSchemas, target } from './shared.ts';

export const sessionParams: ParamsSchemas<keyof SessionMethods> = {
  'session.status': none,
  'session.use': z.strictObject({ target: target.optional(), previous: z.boolean().optional() }),
  'session.list': none,
  'session.remove': z.strictObject({ name: z.string(), dryRun: z.boolean() }),
};
