import type { Call, SplitFilter } from '../../core/connector.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';
import { sidecarPattern } from './sidecar.ts';

/**
 * What of the filter Cypher means exactly. Not so: paths into objects, which no property holds; the order of strings with
 * characters from U+D800 on, which Cypher compares by UTF-16 (5.26); and fields of which some record holds a value that
 * stands in its sidecar only, which is looked up in one pass over the sidecars.
 */
export async function split(link: Neo4jLink, layout: Layout, filter: Filter, call: Call): Promise<SplitFilter> {
  const conjuncts = filter.op === 'and' && filter.args.length > 0 ? filter.args : [filter];
  const keys = new Set<string>();
  const clear = conjuncts.filter(part => isClear(part, keys));
  const hidden = await keysInSidecars(link, layout, [...keys], call);
  const native = clear.filter(part => !mentions(part, hidden));
  return { native: joined(native), residual: joined(conjuncts.filter(part => !native.includes(part))) };
}

/** Whether the words alone can be said in Cypher; adds the fields that they are about. */
function isClear(filter: Filter, keys: Set<string>): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.map(arg => isClear(arg, keys)).every(Boolean);
    case 'not':
      return isClear(filter.arg, keys);
    case 'ids':
      return true;
    default: {
      if (filter.field.length > 1) return false;
      keys.add(filter.field[0]!);
      const isOrder = filter.op === 'lt' || filter.op === 'lte' || filter.op === 'gt' || filter.op === 'gte';
      return !isOrder || typeof filter.value !== 'string' || !/[\ud800-\uffff]/.test(filter.value);
    }
  }
}

function mentions(filter: Filter, keys: Set<string>): boolean {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.some(arg => mentions(arg, keys));
    case 'not':
      return mentions(filter.arg, keys);
    case 'ids':
      return false;
    default:
      return keys.has(filter.field[0]!);
  }
}

async function keysInSidecars(link: Neo4jLink, layout: Layout, keys: string[], call: Call): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const rows = await link.read(
    `UNWIND range(0, size($patterns) - 1) AS i
    RETURN i, EXISTS { MATCH (n:${quote(layout.label)}) WHERE n._vdb_x CONTAINS $patterns[i] } AS found`,
    { patterns: keys.map(sidecarPattern) },
    call,
  );
  return new Set(rows.filter(row => row.get('found')).map(row => keys[Number(row.get('i'))]!));
}

function joined(parts: Filter[]): Filter | null {
  if (parts.length === 0) return null;
  return parts.length === 1 ? parts[0]! : { op: 'and', args: parts };
}
