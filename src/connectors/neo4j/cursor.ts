import type { Call, Cursor } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { keyProperty } from './ids.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';

/** A cursor is at most 1 KiB of JSON, an id up to 8,160 bytes, each of which JSON may spell in six. */
const LONGEST = 120;

/**
 * A place in a scan, which walks nodes in three groups: by integer ids, by text ids, both in the order of the key's index,
 * and the rest by node id.
 */
export type Place =
  | { group: 'integer'; after: bigint | null }
  | { group: 'text'; after: string }
  | { group: 'node'; after: bigint };

const GROUPS = ['integer', 'text', 'node'];

export function placeOf(key: unknown, node: bigint): Place {
  if (typeof key === 'bigint') return { group: 'integer', after: key };
  return typeof key === 'string' ? { group: 'text', after: key } : { group: 'node', after: node };
}

/** The order in which a scan comes by: of text that of the index, by code point, which is that of UTF-8 bytes. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.group !== b.group) return GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group);
  if (a.group === 'text') return Buffer.compare(Buffer.from(a.after), Buffer.from(b.after as string));
  return BigInt(a.after ?? 0) < BigInt(b.after ?? 0) ? -1 : 1;
}

export function cursorAt(place: Place, elementId: string): Cursor {
  if (place.group === 'integer') return { integer: String(place.after) };
  if (place.group === 'node') return { node: String(place.after) };
  if (place.after.length <= LONGEST) return { text: place.after };
  return { begin: place.after.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, ''), node: elementId };
}

/**
 * The place of a cursor. When the node of a long id is gone, the ids with the same beginning come once more: rather twice
 * than never.
 */
export async function resolveCursor(link: Neo4jLink, layout: Layout, cursor: Cursor, call: Call): Promise<Place> {
  const { integer, text, begin, node } = (cursor ?? {}) as Record<string, unknown>;
  if (typeof integer === 'string' && isInteger(integer)) return { group: 'integer', after: BigInt(integer) };
  if (typeof text === 'string') return { group: 'text', after: text };
  if (typeof begin === 'string' && layout.key !== null) {
    const key = keyProperty(layout.key);
    const [row] = await link.read(
      `MATCH (n:${quote(layout.label)}) WHERE elementId(n) = $node AND ${key} STARTS WITH $begin RETURN ${key}`,
      { node, begin },
      call,
    );
    return { group: 'text', after: row?.get(0) ?? begin };
  }
  if (typeof node === 'string' && isInteger(node)) return { group: 'node', after: BigInt(node) };
  throw new VdbError('invalid', 'the cursor is not one of this database', { outcome: 'not_applied' });
}

function isInteger(text: string): boolean {
  return /^-?\d{1,20}$/.test(text);
}
