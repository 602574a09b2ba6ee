import type { Call } from '../../core/connector.ts';
import { isTooLarge, type Reader } from './reader.ts';
import { before, type UuidRange } from './uuidSpace.ts';
import type { SearchResult } from './wire/messages.ts';
import { wireBytes } from './wireBytes.ts';

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
  const ask = async (place: string | undefined): Promise<SearchResult[]> => {
    for (;;) {
      try {
        return await reader.objects({ tenant, limit, ...(place !== undefined && { after: place }) }, call);
      } catch (error) {
        if (!isTooLarge(error) || limit === 1) throw error;
        limit = Math.max(1, limit >> 2);
      }
    }
  };
  const read = (place: string | undefined): Promise<SearchResult[]> => {
    const page = ask(place);
    // Left before it was needed.
    page.catch(() => undefined);
    return page;
  };
  let next: Promise<SearchResult[]> | undefined = read(after !== undefined && after >= from ? after : before(from));
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
