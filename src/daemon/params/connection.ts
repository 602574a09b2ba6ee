import { z } from 'zod';
import type { ConnectionMethods } from '../../protocol/methods/connection.ts';
import { none, type ParamsSchemas } from './shared.ts';

export const connectionParams: ParamsSchemas<keyof ConnectionMethods> = {
  'connection.open': z.strictObject({ profile: z.string(), as: z.string().optional() }),
  'connection.close': z.strictObject({ name: z.string().optional(), all: z.boolean().optional() }),
  'connection.list': none,
  'connection.ping': z.strictObject({ names: z.array(z.string()).optional(), all: z.boolean().optional() }),
};
