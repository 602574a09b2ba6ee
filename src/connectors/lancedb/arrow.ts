import { createRequire } from 'node:module';

/**
 * The copy of apache-arrow that the SDK itself loads. A second one (the ESM build) costs 35 MB and is refused where the SDK
 * asks `instanceof`, as in `addColumns(schema)`. It must be 18.1.0: 21.2.0 fails with "Failed to marshal schema".
 */
export const arrow: typeof import('apache-arrow') = createRequire(import.meta.url)('apache-arrow');
