import { z } from 'zod';
import type { ProfileMethods } from '../../protocol/methods/profile.ts';
import type { ParamsSchemas } from './shared.ts';

const name = z.string();
const text = z.string().nullable();

export const profileParams: ParamsSchemas<keyof ProfileMethods> = {
  'profile.add': z.strictObject({
    name,
    provider: z.string(),
    options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    secretSources: z.record(z.string(), z.string()),
    tags: z.array(z.string()),
    folder: text,
    description: text,
    defaultCollection: text,
    test: z.boolean(),
    dryRun: z.boolean(),
  }),
  'profile.list': z.strictObject({
    provider: z.string().optional(),
    tag: z.string().optional(),
    folder: z.string().optional(),
    search: z.string().optional(),
  }),
  'profile.show': z.strictObject({ name }),
  'profile.remove': z.strictObject({ name, dryRun: z.boolean() }),
  'profile.test': z.strictObject({ name }),
};
