import type { Want } from '../../model/record.ts';
import { pathText } from './jsonPath.ts';
import type { Layout } from './layout.ts';
import { DOCUMENT, EXTRAS, MARK } from './payload.ts';

/** The members of a request that say which parts of points to bring; the mark of derived ids always comes. */
export function wantJson(layout: Layout, { vectors, metadata, document }: Want): string {
  return `"with_payload":${payloadJson(layout, metadata, document)},"with_vector":${vectorsJson(layout, vectors)}`;
}

function payloadJson({ documentKey }: Layout, metadata: boolean, document: boolean): string {
  if (metadata) return 'true';
  if (!document) return JSON.stringify([MARK]);
  const path = pathText([documentKey]);
  return path === undefined ? 'true' : JSON.stringify([MARK, DOCUMENT, EXTRAS, path]);
}

function vectorsJson(layout: Layout, vectors: Want['vectors']): string {
  if (typeof vectors === 'boolean') return String(vectors);
  const names = layout.vectors.map(({ name }) => name).filter(name => vectors.includes(name));
  return names.length === layout.vectors.length ? 'true' : JSON.stringify(names);
}
