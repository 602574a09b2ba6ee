import { z } from 'zod';
import type { EventMethods } from '../../protocol/methods/event.ts';
import type { ParamsSchemas } from './shared.ts';

export const eventParams: ParamsSchemas<keyof EventMethods> = {
  'event.follow': z.strictObject({ types: z.array(z.string()).optional(), follow: z.boolean() }),
};
