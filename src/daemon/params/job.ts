import { z } from 'zod';
import type { JobMethods } from '../../protocol/methods/job.ts';
import type { ParamsSchemas } from './shared.ts';

const id = z.string().min(1);
const positive = z.int().min(1);

export const jobParams: ParamsSchemas<keyof JobMethods> = {
  'job.list': z.strictObject({
    state: z.enum(['running', 'done', 'partial', 'failed', 'cancelled', 'interrupted']).optional(),
  }),
  'job.show': z.strictObject({ id }),
  'job.resume': z.strictObject({
    id,
    source: z.string().min(1).optional(),
    target: z.string().min(1).optional(),
    batchBytes: positive.optional(),
    concurrency: positive.max(64).optional(),
    rate: positive.optional(),
  }),
  'job.remove': z.strictObject({ id, dryRun: z.boolean() }),
};
