import type { Call, SplitFilter } from '../../../core/connector.ts';
import { VdbError } from '../../../model/errors.ts';
import type { Filter } from '../../../model/filter/filter.ts';
import type { IndexInfo } from '../indexInfo.ts';
import type { Link } from '../link.ts';
import { RecordReader } from '../records/recordReader.ts';
import { UNSEEN_KEY } from '../records/storedMetadata.ts';
import { type Branch, branchesOf } from './branches.ts';

/** So many partitions are asked; beyond, a filter that depends on what they hold is not taken for native. */
const MOST_PLACES = 16;
const NOTHING = { vectors: false, metadata: false, document: false };

/** Of a conjunction, what Pinecone can evaluate on these partitions exactly; any other filter is one or the other. */
export async function splitFilter(
  link: Link,
  info: IndexInfo,
  places: string[],
  filter: Filter,
  call: Call,
): Promise<SplitFilter> {
  const { documentField } = link.settings;
  const parts = (filter.op === 'and' ? filter.args : [filter]).map(part => ({
    part,
    branches: branchesOf(part, documentField),
  }));
  const keys = new Set(parts.flatMap(({ branches }) => (branches ?? []).flatMap(keysOf)));
  const unseen = keys.size === 0 ? keys : await unseenKeys(link, info, places, keys, call);
  const native = parts
    .filter(({ branches }) => branches?.every(branch => keysOf(branch).every(key => !unseen.has(key))) === true)
    .map(({ part }) => part);
  const joint = joined(native);
  if (joint === null || branchesOf(joint, documentField) === null) return { native: null, residual: filter };
  return { native: joint, residual: joined(parts.map(({ part }) => part).filter(part => !native.includes(part))) };
}

/** The branches of a filter that is entirely native. Throws `unsupported` when it is not (the records changed since it was split). */
export async function nativeBranches(
  link: Link,
  info: IndexInfo,
  places: string[],
  filter: Filter,
  call: Call,
): Promise<Branch[]> {
  const { residual } = await splitFilter(link, info, places, filter, call);
  if (residual === null) return branchesOf(filter, link.settings.documentField)!;
  throw new VdbError('unsupported', `Pinecone cannot evaluate the filter itself on index '${info.name}'`, {
    reason: 'filter',
    outcome: 'not_applied',
    hint: 'It compares strings, numbers and booleans with =, in and exists, numbers with < and >; scan for the rest.',
  });
}

function keysOf({ where }: Branch): string[] {
  return [...where.keys];
}

function joined(args: Filter[]): Filter | null {
  return args.length === 0 ? null : args.length === 1 ? args[0]! : { op: 'and', args };
}

/** Which of the keys have, in some record, a value that native filters do not see. */
async function unseenKeys(
  link: Link,
  info: IndexInfo,
  places: string[],
  keys: Set<string>,
  call: Call,
): Promise<Set<string>> {
  if (places.length > MOST_PLACES) return keys;
  const found = new Set<string>();
  for (const place of places) {
    for (;;) {
      const open = [...keys].filter(key => !found.has(key));
      if (open.length === 0) return found;
      const more = await unseenAmong(link, info, place, open, call);
      if (more.length === 0) break;
      for (const key of more) found.add(key);
    }
  }
  return found;
}

async function unseenAmong(link: Link, info: IndexInfo, place: string, keys: string[], call: Call): Promise<string[]> {
  const { documentField } = link.settings;
  const reader = new RecordReader({ info, want: NOTHING, partition: place, documentField });
  const filter = { [UNSEEN_KEY]: { $in: keys } };
  reader.read(await link.data.fetchWhere(info.url, place, { filter, limit: 1 }, call));
  const [met] = reader.met;
  if (!met) return [];
  const listed = met.fields.get(UNSEEN_KEY);
  return Array.isArray(listed) ? keys.filter(key => listed.includes(key)) : keys;
}
