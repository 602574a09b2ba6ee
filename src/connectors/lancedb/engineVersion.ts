import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

let version: string | undefined;

/** Of the SDK, which holds the engine; its package.json is not among its exports. */
export function engineVersion(): string {
  if (version === undefined) {
    const entry = createRequire(import.meta.url).resolve('@lancedb/lancedb');
    version = (JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8')) as { version: string }).version;
  }
  return version;
}
