import type { Call } from '../../core/connector.ts';
import { isTooLarge, type Reader } from './reader.ts';
import { hyphenated, type UuidRange } from './uuidSpace.ts';
import type { Filters, SearchResult } from './wire/messages.ts';
import { and, idBegins } from './wireFilter.ts';

const MOST = 1_000;
const DIGITS = '0123456789abcdef';

/**
 * The objects that match, in the order of their UUIDs. The server refuses its cursor together with a filter, and an offset
 * beyond 10,000; so the UUIDs are cut by their first digits (`_id` Like "3f*", which seeks) until what matches fits a page.
 */
export async function* filteredPages(
  reader: Reader,
  tenant: string,
  { from, to }: UuidRange,
  after: string | undefined,
  filters: Filters,
  call: Call,
): AsyncGenerator<SearchResult[]> {
  /** Beginnings still to read, as hex digits, the next one last. */
  const open = [''];
  while (open.length > 0) {
    const hex = open.pop()!;
    const [low, high] = [hyphenated(hex.padEnd(32, '0')), hyphenated(hex.padEnd(32, 'f'))];
    if (high < from || low > to || (after !== undefined && high <= after)) continue;
    const inside = hex === '' ? filters : and(idBegins(hyphenated(hex)), filters);
    const asked = { tenant, limit: MOST + 1, filters: inside };
    const objects = await reader.objects(asked, call).catch(error => {
      if (!isTooLarge(error) || hex.length === 32) throw error;
      return null;
    });
    if (objects === null || objects.length > MOST) {
      for (const digit of [...DIGITS].reverse()) open.push(hex + digit);
      continue;
    }
    const wanted = objects
      .filter(({ metadata: { id } }) => id >= from && id <= to && (after === undefined || id > after))
      .sort((a, b) => (a.metadata.id < b.metadata.id ? -1 : 1));
    if (wanted.length > 0) yield wanted;
  }
}
