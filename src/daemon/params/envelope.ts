import { z } from 'zod';
import type { Context, Envelope } from '../../protocol/methods/shared.ts';

/** For callers that are not vdb itself; its client always says where it stands. */
const NOWHERE: Context = { session: 'default', cwd: '/', umask: 0o077, readOnly: false };

const context: z.ZodType<Context> = z.object({
  session: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
  cwd: z.string().startsWith('/'),
  umask: z.int().min(0).max(0o777),
  readOnly: z.boolean(),
  timeoutMs: z.number().positive().optional(),
  env: z.record(z.string(), z.string()).optional(),
});

/** What every method takes besides its own params. */
export const envelope: z.ZodType<Envelope> = z.object({
  context: context.default(NOWHERE),
  secrets: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});
