import { selectRows } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { members } from '../../model/json/members.ts';
import type { RecordBatch, VectorColumn } from '../../model/record.ts';
import { widen } from './widen.ts';

/** How a source record becomes a target record. Part of a job's immutable plan. */
export interface Mapping {
  /** Top-level metadata keys: from → to. */
  rename: Record<string, string>;
  /** A vector with `to` null is left behind (an accepted loss), one not listed stays as it is. `widen`: f16 and u8 become f32. */
  vectors: VectorMapping[];
  /** Every record goes to this partition; null: each keeps its own. */
  partition: string | null;
}

export interface VectorMapping {
  from: string;
  to: string | null;
  widen: boolean;
}

export interface Unmappable {
  row: number;
  error: VdbError;
}

/** The batch as the target shall hold it, without rows that the mapping cannot carry. Shares the source's buffers where it can. */
export function mapBatch(mapping: Mapping, batch: RecordBatch): { batch: RecordBatch; unmappable: Unmappable[] } {
  const unmappable: Unmappable[] = [];
  const metadata =
    Object.keys(mapping.rename).length === 0
      ? batch.metadata
      : batch.metadata.map((text, row) => {
          try {
            return text === undefined ? undefined : renameKeys(text, mapping.rename, batch.ids[row]!);
          } catch (error) {
            if (!(error instanceof VdbError)) throw error;
            unmappable.push({ row, error });
            return undefined;
          }
        });
  const mapped: RecordBatch = {
    ...batch,
    partition: mapping.partition ?? batch.partition,
    metadata,
    vectors: batch.vectors.flatMap(column => mapColumn(mapping, column)),
  };
  if (unmappable.length === 0) return { batch: mapped, unmappable };
  const bad = new Set(unmappable.map(({ row }) => row));
  const good = batch.ids.flatMap((_, row) => (bad.has(row) ? [] : [row]));
  return { batch: selectRows(mapped, good), unmappable };
}

function mapColumn(mapping: Mapping, column: VectorColumn): VectorColumn[] {
  const rule = mapping.vectors.find(({ from }) => from === column.name);
  if (!rule) return [column];
  if (rule.to === null) return [];
  const wide = rule.widen && column.kind === 'dense' ? widen(column) : column;
  return [rule.to === wide.name ? wide : { ...wide, name: rule.to }];
}

function renameKeys(text: string, rename: Record<string, string>, id: Id): string {
  const all = members(text);
  if (!all.some(({ key }) => Object.hasOwn(rename, key))) return text;
  const names = all.map(({ key }) => (Object.hasOwn(rename, key) ? rename[key]! : key));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new VdbError('invalid', `renaming would give record '${id}' the metadata key '${twice}' twice`, {
      reason: 'duplicate_key',
      hint: 'Choose a name that no record uses.',
    });
  }
  return `{${all.map(({ start, end }, index) => `${JSON.stringify(names[index])}:${text.slice(start, end)}`).join(',')}}`;
}
