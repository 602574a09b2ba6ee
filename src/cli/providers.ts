import generated from '../generated/providers.json' with { type: 'json' };
import type { Manifest } from '../model/manifest.ts';

/** What every connector says of itself; the build gathers it. */
export const providers = generated as Manifest[];
