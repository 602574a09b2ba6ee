import { z } from 'zod';
import type { MethodName, Params } from '../../protocol/methods/methods.ts';
import type { IdType, TargetParams, WithPart } from '../../protocol/methods/shared.ts';

/** One schema per method of a family; a missing or surplus one, or one of another type, does not compile. */
export type ParamsSchemas<M extends MethodName> = { [K in M]: z.ZodType<Params<K>> };

export const none: z.ZodType<Record<never, never>> = z.strictObject({});

export const target: z.ZodType<TargetParams> = z.strictObject({
  connection: z.string().min(1).optional(),
  collection: z.string().min(1).optional(),
  partition: z.string().optional(),
});

export const withParts: z.ZodType<WithPart[]> = z.array(z.enum(['vectors', 'metadata', 'document']));

export const idType: z.ZodType<IdType> = z.enum(['string', 'int', 'uuid']);
