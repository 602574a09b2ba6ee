import type { Call } from '../../core/connector.ts';
import type { Reader } from './reader.ts';
import { before, type UuidRange } from './uuidSpace.ts';
import type { SearchResult } from './wire/messages.ts';

const FIRST = 100;
const MOST = 2_000;

/** All objects behind `after`, by the server's own cursor; the next page is read while this one is used. */
export async function* pages(
  reader: Reader,
  tenant: string,
  { from, to }: UuidRange,
  after: string | undefined,
  batchBytes: number,
  most: number,
  call: Call,
): AsyncGenerator<SearchResult[]> {
  let limit = Math.max(1, Math.min(FIRST, most));
  const read = (place: string | undefined): Promise<SearchResult[]> => {
    const page = reader.objects({ tenant, limit, ...(place !== undefined && { after: place }) }, call);
    // Left before it was needed.
    page.catch(() => undefined);
    return page;
  };
  const first = before(from);
  let next: Promise<SearchResult[]> | undefined = read(after !== undefined && after >= from ? after : first);
  let left = most;
  while (next !== undefined) {
    const objects: SearchResult[] = await next;
    const asked: number = limit;
    const inside = objects.filter(({ metadata }) => metadata.id <= to);
    left -= inside.length;
    const done = objects.length < asked || inside.length < objects.length || left <= 0;
    if (!done) limit = Math.max(1, Math.min(nextLimit(objects, batchBytes), left));
    next = done ? undefined : read(objects.at(-1)!.metadata.id);
    if (inside.length > 0) yield inside;
  }
}

function nextLimit(objects: SearchResult[], batchBytes: number): number {
  const bytes = objects.reduce((sum, object) => sum + wireBytes(object), 0) / objects.length;
  return Math.min(MOST, Math.ceil(batchBytes / bytes));
}

/** About what an object takes on the wire. */
function wireBytes({ properties, metadata }: SearchResult): number {
  let bytes = 64 + metadata.vector_bytes.length;
  for (const { vector_bytes } of metadata.vectors) bytes += vector_bytes.length;
  for (const { value } of properties?.non_ref_props?.fields ?? [])
    bytes += value?.kind === 'text_value' ? value.text_value.length : 16;
  return bytes;
}
