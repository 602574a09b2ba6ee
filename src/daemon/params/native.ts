import { z } from 'zod';
import type { NativeMethods } from '../../protocol/methods/native.ts';
import { type ParamsSchemas, target } from './shared.ts';

export const nativeParams: ParamsSchemas<keyof NativeMethods> = {
  'native.run': z.strictObject({ target, statement: z.string().min(1), params: z.record(z.string(), z.json()) }),
};
