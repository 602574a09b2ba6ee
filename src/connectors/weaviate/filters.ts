import type { Call, SplitFilter } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import { entriesFor, FilterCompiler } from './filterCompiler.ts';
import type { Layout } from './layout.ts';
import type { Link } from './link.ts';
import { HIDDEN } from './propertyName.ts';
import type { Filters } from './wire/messages.ts';
import { containsAny } from './wireFilter.ts';

/** Of a conjunction, what the engine evaluates exactly on these tenants; any other filter is one or the other. */
export async function splitFilter(
  link: Link,
  layout: Layout,
  tenants: string[],
  filter: Filter,
  call: Call,
): Promise<SplitFilter> {
  const compiler = await compilerFor(link, layout, tenants, filter, call);
  const parts = filter.op === 'and' ? filter.args : [filter];
  const native = parts.filter(part => compiler.compile(part) !== null);
  return { native: joined(native), residual: joined(parts.filter(part => !native.includes(part))) };
}

/** A filter that `split` called native. Throws `unsupported` when records have been written since that changed it. */
export async function nativeFilter(
  link: Link,
  layout: Layout,
  tenants: string[],
  filter: Filter,
  call: Call,
): Promise<Filters> {
  const compiled = (await compilerFor(link, layout, tenants, filter, call)).compile(filter);
  if (compiled !== null) return compiled;
  throw new VdbError('unsupported', `Weaviate cannot evaluate that filter on '${layout.collection}' exactly`, {
    reason: 'filter',
    outcome: 'not_applied',
    hint: 'Scan with the filter instead, or filter by properties whose values are of one type.',
  });
}

async function compilerFor(link: Link, layout: Layout, tenants: string[], filter: Filter, call: Call) {
  const present = await presentEntries(link, layout, tenants, [...new Set(entriesFor(filter))], call);
  return new FilterCompiler(layout, present, negates(link.version));
}

/** Mostly none of them is there, which one question tells. */
async function presentEntries(
  link: Link,
  { collection, hidden }: Layout,
  tenants: string[],
  entries: string[],
  call: Call,
): Promise<Set<string>> {
  const present = new Set<string>();
  if (!hidden || entries.length === 0) return present;
  const some = async (asked: string[]): Promise<boolean> => {
    for (const tenant of tenants) {
      const filters = containsAny(HIDDEN, asked);
      if ((await link.grpc.count({ collection, tenant, filters }, call)) > 0) return true;
    }
    return false;
  };
  if (!(await some(entries))) return present;
  for (const entry of entries) if (entries.length === 1 || (await some([entry]))) present.add(entry);
  return present;
}

function negates(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || (major === 1 && minor >= 33);
}

function joined(args: Filter[]): Filter | null {
  if (args.length === 0) return null;
  return args.length === 1 ? args[0]! : { op: 'and', args };
}
