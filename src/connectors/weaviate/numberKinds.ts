import type { Call } from '../../core/connector.ts';
import { type Exact, parseExact } from '../../model/json/exact.ts';
import { members } from '../../model/json/members.ts';
import { decodeObjects, selection } from './decode.ts';
import type { Layout } from './layout.ts';
import type { Link } from './link.ts';

const SAMPLE = 100;
const WANT = { vectors: false, metadata: true, document: false };

/** Keys of `number` properties that hold nothing but integers in some records: the type does not say. */
export async function integerKeys(link: Link, layout: Layout, tenants: string[], call: Call): Promise<Set<string>> {
  const numbers = new Set([...layout.fields.values()].filter(({ type }) => type === 'number').map(({ key }) => key));
  const [tenant] = tenants;
  if (layout.floats || numbers.size === 0 || tenant === undefined) return new Set();
  const { collection } = layout;
  const asked = { collection, tenant, ...selection(layout, WANT), limit: SAMPLE };
  const { results } = await link.grpc.search(asked, call);
  const integers = new Set<string>();
  for (const text of decodeObjects(layout, WANT, results, tenant).metadata) {
    for (const { key, start, end } of text === undefined ? [] : members(text)) {
      if (!numbers.has(key)) continue;
      const value = parseExact(text!.slice(start, end));
      if ((Array.isArray(value) ? value : [value]).some(isFloat)) numbers.delete(key);
      else integers.add(key);
    }
  }
  return new Set([...integers].filter(key => numbers.has(key)));
}

function isFloat(value: Exact): boolean {
  return typeof value === 'number';
}
