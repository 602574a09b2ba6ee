import type { Manifest } from '../model/manifest.ts';
import generated from '../generated/providers.json' with { type: 'json' };

/** What every connector says of itself; the build gathers it. */
export const providers = generated as Manifest[];
