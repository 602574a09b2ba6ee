import { z } from 'zod';
import type { PartitionMethods } from '../../protocol/methods/partition.ts';
import { type ParamsSchemas, target } from './shared.ts';

export const partitionParams: ParamsSchemas<keyof PartitionMethods> = {
  'partition.list': z.strictObject({ target }),
  'partition.create': z.strictObject({ target, dryRun: z.boolean() }),
  'partition.drop': z.strictObject({ target, dryRun: z.boolean() }),
};
