import type { RecordBatch } from '../../model/record.ts';
import { type Cells, keepAside, type Shape, type Split, shapeOf, splitMetadata } from './cells.ts';
import type { Stored } from './columnData.ts';
import { type Field, ownType } from './field.ts';
import { DOCUMENT, ID, ID_KIND, type Layout, MOST_COLUMNS } from './layout.ts';
import { SIDECAR, type SidecarNote, withKeys } from './sidecar.ts';
import { EXACT, looksInteger, storedValue } from './storedValue.ts';

/** What a batch asks of its table before it can be written, and the values to write then. */
export interface WritePlan {
  /** Metadata columns to add, in this order. */
  added: Field[];
  /** `_vdb_id`, `document` or `_vdb_x`, where missing and needed. */
  addedText: string[];
  /** Int64 columns to make Float64 first. */
  widened: string[];
  /** The sidecar's note with what this batch adds; the layout's own when nothing changes; null when no sidecar is needed. */
  note: SidecarNote | null;
  /** Column values by key; rows without one are null. */
  values: Map<string, Stored[]>;
  /** Per row: members without a column, without braces. */
  rest: string[];
  /** Per row: keys whose whole number is a float. */
  floats: (string[] | undefined)[];
}

/** `canWiden` asks the table whether all integers of a column are exact as floats. */
export async function planWrite(
  layout: Layout,
  batch: RecordBatch,
  canWiden: (key: string) => Promise<boolean>,
): Promise<WritePlan> {
  const taken = new Set([
    ID,
    DOCUMENT,
    layout.documentColumn,
    ...layout.vectors.flatMap(({ name, column }) => [name, column]),
  ] as string[]);
  const split = splitMetadata(batch.metadata, key => layout.fields.has(key) || mayBeColumn(key, taken));
  const addedText: string[] = [];
  if (!layout.marksIntegers && layout.idKind === 'text' && batch.ids.some(id => typeof id === 'bigint'))
    addedText.push(ID_KIND);
  if (layout.documentColumn === null && batch.documents?.some(text => text !== undefined)) addedText.push(DOCUMENT);
  // Two places are kept free: for `_vdb_id`, and for `_vdb_x` in a table made by others.
  const reserve = (layout.marksIntegers ? 0 : 1) + (layout.sidecar ? 0 : 1) + (addedText.includes(DOCUMENT) ? 1 : 0);
  let room = MOST_COLUMNS - reserve - layout.schema.fields.length;
  const plan: WritePlan = {
    added: [],
    addedText,
    widened: [],
    note: layout.sidecar,
    values: new Map(),
    rest: split.rest,
    floats: [],
  };
  for (const [key, cells] of split.cells) {
    let field = layout.fields.get(key);
    if (!field) {
      const shape = room > 0 ? shapeOfAll(cells) : undefined;
      if (shape) {
        room--;
        field = { name: key, ...shape, type: ownType(shape.kind, shape.list)! };
        plan.added.push(field);
      }
    } else if (
      layout.sidecar?.adopted === false &&
      field.kind === 'int' &&
      !field.list &&
      cells.values.some(isFloat) &&
      (await canWiden(key))
    ) {
      plan.widened.push(key);
      field = { ...field, kind: 'float', type: ownType('float', false)! };
    }
    place(plan, split, batch.count, key, field, cells, layout.sidecar?.floats.has(key) ?? true);
  }
  noteSidecar(layout, plan, split, batch);
  return plan;
}

function place(
  plan: WritePlan,
  split: Split,
  count: number,
  key: string,
  field: Field | undefined,
  cells: Cells,
  pure: boolean,
): void {
  const values: Stored[] = new Array(count).fill(null);
  for (let i = 0; i < cells.rows.length; i++) {
    const row = cells.rows[i]!;
    const value = cells.values[i]!;
    const stored = field && storedValue(field, pure, value);
    if (stored === undefined) {
      keepAside(split, row, key, cells.texts[i]!);
      continue;
    }
    values[row] = stored;
    if (!pure && field!.kind === 'float' && typeof value === 'number' && looksInteger(value))
      (plan.floats[row] ??= []).push(key);
  }
  if (field) plan.values.set(key, values);
}

function noteSidecar(layout: Layout, plan: WritePlan, split: Split, batch: RecordBatch): void {
  const needed =
    split.rest.some(text => text !== '') || plan.floats.length > 0 || batch.uris?.some(uri => uri !== undefined);
  if (!layout.sidecar && !needed) return;
  let note = layout.sidecar;
  if (!note) {
    plan.addedText.push(SIDECAR);
    const floats = [...layout.fields.values(), ...plan.added].filter(field => field.kind === 'float' && !field.list);
    note = { keys: new Set(), more: false, adopted: true, floats: new Set(floats.map(field => field.name)) };
  }
  const columns = new Map<string, unknown>(layout.fields);
  const keys = new Set(split.restKeys);
  for (const field of plan.added) {
    columns.set(field.name, field);
    // Older records may hold it among the keys that are no longer listed.
    if (note.more) keys.add(field.name);
  }
  plan.note = withKeys(note, keys, columns);
}

/**
 * Whether a metadata key may be a column: some names break filters or merges, `*` would select every column, and those in
 * `taken` are columns of another kind.
 */
export function mayBeColumn(key: string, taken: ReadonlySet<string>): boolean {
  if (key === '' || key === '*' || key.startsWith('_') || /[.`\u0000-\u001f\u007f-\u009f]/.test(key)) return false;
  return !taken.has(key);
}

function isFloat(value: Cells['values'][number]): boolean {
  return typeof value === 'number';
}

/** The first value decides; integers give way to floats as long as they stay exact. */
function shapeOfAll(cells: Cells): Shape | undefined {
  let shape: Shape | undefined;
  for (const value of cells.values) {
    shape ??= shapeOf(value);
    if (shape) break;
  }
  if (shape?.kind !== 'int' || shape.list || !cells.values.some(isFloat)) return shape;
  const exact = cells.values.every(value => typeof value !== 'bigint' || (value >= -EXACT && value <= EXACT));
  return exact ? { kind: 'float', list: false } : shape;
}
