import { type Id, idKey } from '../../model/id.ts';
import { type RecordBatch, WANT_ALL } from '../../model/record.ts';
import type { Call } from '../connector.ts';
import { compareRecords } from './compareRecords.ts';
import { type Differences, fetchMapped } from './differences.ts';
import { readMapped, type Side } from './readMapped.ts';
import type { VectorRules } from './vectorRule.ts';

/** Batches that are looked up in the target while the next ones are read. */
const AHEAD = 2;

/**
 * Reads the source and looks each record up in the target: what vectors under a rule need, and targets that may hold more.
 * Returns how many source records there are and how many of them are equal.
 */
export async function comparePairs(
  source: Side,
  target: Side,
  rules: VectorRules,
  differences: Differences,
  call: Call,
  onRead?: (records: number) => void,
): Promise<{ records: number; equal: number }> {
  const result = { records: 0, equal: 0 };
  const ahead: Promise<void>[] = [];
  const look = async (batch: RecordBatch): Promise<void> => {
    const found = await fetchMapped(target, batch.ids, call);
    // Not before the await: other pages are counted meanwhile.
    result.equal += comparePair(batch, found, rules, differences);
    onRead?.(batch.count);
  };
  try {
    for await (const { batch } of readMapped(source, { want: WANT_ALL }, call)) {
      result.records += batch.count;
      if (batch.count > 0) ahead.push(look(batch));
      if (ahead.length > AHEAD) await ahead.shift();
    }
    await Promise.all(ahead);
  } finally {
    await Promise.allSettled(ahead);
  }
  return result;
}

/** Compares the records of these ids. Returns how many are equal. */
export async function compareIds(
  source: Side,
  target: Side,
  ids: Id[],
  rules: VectorRules,
  differences: Differences,
  call: Call,
): Promise<number> {
  const [here, there] = await Promise.all([fetchMapped(source, ids, call), fetchMapped(target, ids, call)]);
  return comparePair(here, there, rules, differences);
}

function comparePair(source: RecordBatch, target: RecordBatch, rules: VectorRules, differences: Differences): number {
  const rows = new Map(target.ids.map((id, row) => [idKey(id), row]));
  let equal = 0;
  source.ids.forEach((id, row) => {
    const there = rows.get(idKey(id));
    if (there === undefined) {
      differences.add(id, 'only_in_source');
      return;
    }
    const paths = compareRecords(source, row, target, there, rules);
    if (paths.length === 0) equal++;
    else differences.add(id, 'different', paths);
  });
  return equal;
}
