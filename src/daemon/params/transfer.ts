import { z } from 'zod';
import type { Plan, TargetMode, TransferMethods, VerifyLevel } from '../../protocol/methods/transfer.ts';
import { type ParamsSchemas, target } from './shared.ts';

const positive = z.int().min(1);

const mode: z.ZodType<TargetMode> = z.enum(['default', 'create', 'append', 'replace']);

const level: z.ZodType<VerifyLevel> = z.custom<VerifyLevel>(
  value => typeof value === 'string' && /^(none|count|full|sample:[1-9]\d{0,9})$/.test(value),
  'not a level: none, count, sample:N or full',
);

const migrate = {
  source: target,
  target,
  where: z.string().optional(),
  mode,
  overwrite: z.boolean(),
  rename: z.record(z.string(), z.string()),
  batchBytes: positive.optional(),
  concurrency: positive.max(64).optional(),
  rate: positive.optional(),
  maxErrors: z.int().min(0),
  verify: level.optional(),
  acceptLoss: z.array(z.string()),
};

const end = z.looseObject({
  ref: z.string(),
  provider: z.string(),
  endpoint: z.string(),
  collection: z.string(),
  partition: z.string(),
});

/** What a given plan decides is checked; the rest of it is for people, and is made anew. */
const plan = z.custom<Plan>(
  value =>
    z
      .looseObject({
        version: z.literal(1),
        source: end,
        target: end,
        where: z.string().nullable(),
        mode,
        overwrite: z.boolean(),
        mapping: z.looseObject({ rename: z.record(z.string(), z.string()) }),
      })
      .safeParse(value).success,
  'not a plan of version 1',
);

export const transferParams: ParamsSchemas<keyof TransferMethods> = {
  'transfer.plan': z.strictObject(migrate),
  'transfer.migrate': z.strictObject({ ...migrate, plan: plan.optional() }),
  'transfer.verify': z.strictObject({
    source: target.optional(),
    target: target.optional(),
    job: z.string().min(1).optional(),
    level: level.optional(),
  }),
  'transfer.fingerprint': z.strictObject({ target }),
};
