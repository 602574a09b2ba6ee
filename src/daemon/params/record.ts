import { z } from 'zod';
import type { QueryParams, RecordMethods } from '../../protocol/methods/record.ts';
import { idType, type ParamsSchemas, target, withParts } from './shared.ts';

const count = z.int().min(0);
const positive = z.int().min(1);

const vector: z.ZodType<NonNullable<QueryParams['vector']>> = z.union([
  z.array(z.number()),
  z.strictObject({ indices: z.array(count), values: z.array(z.number()) }),
  z.array(z.array(z.number())),
]);

export const recordParams: ParamsSchemas<keyof RecordMethods> = {
  'record.upsert': z.strictObject({
    target,
    lines: z.array(z.string()),
    firstLine: positive,
    idField: z.string().optional(),
    vectorField: z.string().optional(),
    batchSize: positive.optional(),
    maxErrors: count,
    dryRun: z.boolean(),
  }),
  'record.get': z.strictObject({ target, ids: z.array(z.string()), idType: idType.optional(), with: withParts }),
  'record.scan': z.strictObject({
    target,
    where: z.string().optional(),
    limit: count.optional(),
    cursor: z.string().optional(),
    with: withParts,
  }),
  'record.count': z.strictObject({ target, where: z.string().optional(), exact: z.boolean() }),
  'record.query': z.strictObject({
    target,
    vector: vector.optional(),
    id: z.string().optional(),
    idType: idType.optional(),
    k: positive,
    where: z.string().optional(),
    using: z.string().optional(),
    with: withParts,
    minScore: z.number().optional(),
  }),
  'record.delete': z.strictObject({
    target,
    ids: z.array(z.string()).optional(),
    idType: idType.optional(),
    where: z.string().optional(),
    all: z.boolean().optional(),
    dryRun: z.boolean(),
  }),
  'record.update': z.strictObject({
    target,
    ids: z.array(z.string()).optional(),
    idType: idType.optional(),
    where: z.string().optional(),
    set: z.record(z.string(), z.string()),
    unset: z.array(z.string()),
    dryRun: z.boolean(),
  }),
};
