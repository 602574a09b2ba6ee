import type { Classified } from '../../core/connector.ts';

/** Nothing here fails but by a bug: what a caller can do wrong is told as a VdbError where it is found. */
export function classify(): Classified {
  return { code: 'internal' };
}
