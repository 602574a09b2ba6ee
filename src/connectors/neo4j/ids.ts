import type { Id } from '../../model/id.ts';
import { type Layout, MARK } from './layout.ts';
import type { Params } from './link.ts';
import { quote } from './quote.ts';

/** A range index takes a key of 8,167 bytes with its header (5.26: 8,160 bytes of text go in, 8,167 do not). */
export const ID_BYTES = 8_160;

const FIRST_BEYOND = 2n ** 63n;
const ELEMENT_ID = /^\d+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:\d+$/;

/** Whether the id can be that of a node without an id of its own. */
export function isElementId(id: Id): id is string {
  return typeof id === 'string' && ELEMENT_ID.test(id);
}

export function isBeyond(id: Id): id is bigint {
  return typeof id === 'bigint' && id >= FIRST_BEYOND;
}

/** Digits that are also an integer beyond 64 bits with sign: that integer and this text would be one property. */
export function looksBeyond(id: Id): id is string {
  return typeof id === 'string' && /^[1-9]\d{18,19}$/.test(id) && BigInt(id) >= FIRST_BEYOND && BigInt(id) < 2n ** 64n;
}

/** An id as the value of the key property. */
export function keyOf(id: Id): string | bigint {
  return isBeyond(id) ? String(id) : id;
}

/** The id of a node: what its key property holds, or its elementId. */
export function idOf(key: unknown, mark: unknown, elementId: string): Id {
  if (typeof key === 'bigint') return key;
  if (typeof key !== 'string') return elementId;
  return mark === `i:${key}` && looksBeyond(key) ? BigInt(key) : key;
}

/** The key property of node `n`. */
export function keyProperty(key: NonNullable<Layout['key']>): string {
  return `n.${quote(key.property)}`;
}

/**
 * True for nodes that have no id of their own. Not without `coalesce`: for `NOT n.id IS :: STRING NOT NULL` the planner takes
 * the index of the constraint (5.26), which nodes without the property are not in.
 */
export function keyless(key: NonNullable<Layout['key']>): string {
  const property = keyProperty(key);
  return `NOT coalesce(${property} IS :: INTEGER NOT NULL OR ${property} IS :: STRING NOT NULL, false)`;
}

/**
 * True for the nodes `n` whose id is one of these; its values go into `params`. The part in front, where there is one, is
 * what the index of the key finds; 7.0 is found by 7 there, so the type is asked for as well.
 */
export function idsCondition(layout: Layout, ids: readonly Id[], params: Params): string {
  const add = (values: unknown): string => {
    const name = `p${Object.keys(params).length}`;
    params[name] = values;
    return `$${name}`;
  };
  const parts: string[] = [];
  if (layout.key !== null) {
    const key = keyProperty(layout.key);
    const texts = ids.filter(id => typeof id === 'string');
    const integers = ids.filter(id => typeof id === 'bigint' && !isBeyond(id));
    const beyond = ids.filter(isBeyond).map(String);
    const kinds: string[] = [];
    if (integers.length > 0) kinds.push(`${key} IS :: INTEGER NOT NULL`);
    if (texts.length > 0) {
      const unmarked = texts.some(looksBeyond) ? ` AND NOT coalesce(n.${MARK} = 'i:' + ${key}, false)` : '';
      kinds.push(
        beyond.length === 0 ? `${key} IS :: STRING NOT NULL${unmarked}` : `${key} IN ${add(texts)}${unmarked}`,
      );
    }
    if (beyond.length > 0) kinds.push(`${key} IN ${add(beyond)} AND n.${MARK} = 'i:' + ${key}`);
    if (kinds.length > 0) {
      const all = [...texts, ...integers, ...beyond];
      parts.push(`${key} IN ${add(all)} AND (${kinds.map(kind => `(${kind})`).join(' OR ')})`);
    }
  }
  const elements = ids.filter(isElementId);
  const orphan = layout.key === null ? '' : ` AND ${keyless(layout.key)}`;
  if (elements.length > 0) parts.push(`elementId(n) IN ${add(elements)}${orphan}`);
  if (parts.length === 0) return add(false);
  return `coalesce(${parts.map(part => `(${part})`).join(' OR ')}, false)`;
}
