import { z } from 'zod';
import type { CollectionSpec, FieldSpec, VectorSpec } from '../../model/collection.ts';
import type { CollectionMethods } from '../../protocol/methods/collection.ts';
import { type ParamsSchemas, target } from './shared.ts';

const vector: z.ZodType<VectorSpec> = z.strictObject({
  name: z.string(),
  kind: z.enum(['dense', 'sparse', 'multi']),
  dimension: z.number().nullable(),
  metric: z.enum(['cosine', 'dot', 'euclidean', 'manhattan', 'hamming', 'jaccard']).nullable(),
  element: z.enum(['f32', 'f16', 'u8', 'bit']),
  transform: z.enum(['none', 'normalized', 'approximate', 'f16']).optional(),
});

const field: z.ZodType<FieldSpec> = z.strictObject({
  name: z.string(),
  type: z.custom<FieldSpec['type']>(
    value =>
      typeof value === 'string' &&
      /^(string|integer|float|boolean|datetime|geo|bytes|object|array|mixed|array<\w+>)$/.test(value),
    'not a field type',
  ),
  indexed: z.boolean().optional(),
});

const spec: z.ZodType<CollectionSpec> = z.strictObject({
  name: z.string().min(1),
  vectors: z.array(vector),
  fields: z.array(field).optional(),
  partitioned: z.boolean().optional(),
  indexOptions: z.record(z.string(), z.string()).optional(),
  native: z.strictObject({ provider: z.string(), config: z.unknown() }).optional(),
});

export const collectionParams: ParamsSchemas<keyof CollectionMethods> = {
  'collection.list': z.strictObject({ target }),
  'collection.create': z.strictObject({ target, spec, dryRun: z.boolean() }),
  'collection.describe': z.strictObject({ target }),
  'collection.drop': z.strictObject({ target, dryRun: z.boolean() }),
};
