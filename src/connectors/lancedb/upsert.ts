import type { Table } from '@lancedb/lancedb';
import type { Data, Struct } from 'apache-arrow';
import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch, VectorColumn } from '../../model/record.ts';
import { arrow } from './arrow.ts';
import { fieldData, type Stored, textData } from './columnData.ts';
import { checkIdKinds, checkSameDigits, hasDigitText, holdsDigitText } from './ids.ts';
import { DOCUMENT, ID, ID_KIND, type Layout, layoutOf } from './layout.ts';
import { type Link, type Opened, openLocked } from './openTable.ts';
import { planWrite, type WritePlan } from './plan.ts';
import { NOTE, printSidecar, SIDECAR, writeSidecarNote } from './sidecar.ts';
import { withTableLock } from './tableLock.ts';
import { checkTableName } from './tableName.ts';
import type { Upkeep } from './upkeep.ts';
import { vectorData } from './vectorData.ts';
import { canWiden, widen } from './widen.ts';

/** Replaces whole records under the table's lock; `absent`: appends. The ids of the batch are unique. */
export async function upsert(
  link: Link,
  name: string,
  batch: RecordBatch,
  absent: boolean,
  upkeep: Upkeep,
  call: Call,
): Promise<void> {
  checkTableName(name);
  await withTableLock(link.path, name, call, () => writeLocked(link, name, batch, absent, upkeep));
}

/** The same for who holds the lock. */
export async function writeLocked(
  link: Link,
  name: string,
  batch: RecordBatch,
  absent: boolean,
  upkeep: Upkeep,
): Promise<void> {
  let opened = await openLocked(link, name);
  checkIdKinds(opened.layout, batch.ids);
  if (batch.count === 0) return;
  const columns = vectorColumns(opened.layout, batch.vectors);
  await checkDigits(opened, batch, upkeep);
  const plan = await planWrite(opened.layout, batch, key => canWiden(opened.table, key));
  opened = await prepare(opened, plan);
  const data = arrowTable(opened.layout, batch, columns, plan);
  const { version } = absent ? await opened.table.add(data) : await merge(opened.table, data);
  upkeep.wrote(name, version, hasDigitText(batch.ids));
  await upkeep.tidy(opened, absent);
}

function merge(table: Table, data: Parameters<Table['add']>[0]): Promise<{ version: number }> {
  return table.mergeInsert(ID).whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data);
}

async function checkDigits(opened: Opened, batch: RecordBatch, upkeep: Upkeep): Promise<void> {
  const { table, layout } = opened;
  if (layout.idKind === 'integer') return;
  const integers = batch.ids.some(id => typeof id === 'bigint');
  const digits = hasDigitText(batch.ids);
  if (!integers && !(digits && layout.marksIntegers)) return;
  const stored =
    integers && (await upkeep.holdsDigitText(layout.table, await table.version(), () => holdsDigitText(opened)));
  if (stored || digits) await checkSameDigits(table, layout, batch.ids);
}

/** Brings the table into the shape that the plan needs, in an order in which each step alone leaves it true. */
async function prepare({ table, layout }: Opened, plan: WritePlan): Promise<Opened> {
  const before = layout.sidecar && plan.note !== layout.sidecar;
  if (before) await table.updateFieldMetadata([{ path: SIDECAR, metadata: { [NOTE]: writeSidecarNote(plan.note!) } }]);
  const added = [
    ...plan.addedText.map(name => {
      const note = name === SIDECAR ? new Map([[NOTE, writeSidecarNote(plan.note!)]]) : undefined;
      return new arrow.Field(name, new arrow.Utf8(), true, note);
    }),
    ...plan.added.map(field => new arrow.Field(field.name, field.type, true)),
  ];
  if (added.length > 0) await table.addColumns(new arrow.Schema(added));
  for (const key of plan.widened) await widen(table, key);
  if (!before && added.length === 0 && plan.widened.length === 0) return { table, layout };
  return { table, layout: layoutOf(layout.table, await table.schema()) };
}

function vectorColumns(layout: Layout, columns: VectorColumn[]): Map<string, VectorColumn> {
  const found = new Map<string, VectorColumn>();
  for (const column of columns) {
    const field = layout.vectors.find(candidate => candidate.name === column.name);
    if (!field) throw mismatch(layout, column, 'has no such vector');
    if (column.kind !== 'dense' || column.element !== field.element)
      throw mismatch(layout, column, `holds dense ${field.element}`);
    if (column.dimension !== field.dimension) {
      throw new VdbError(
        'invalid',
        `vector '${column.name}' of table '${layout.table}' has dimension ${field.dimension}, not ${column.dimension}`,
        {
          reason: 'dimension_mismatch',
          outcome: 'not_applied',
        },
      );
    }
    found.set(field.column, column);
  }
  return found;
}

function mismatch(layout: Layout, column: VectorColumn, why: string): VdbError {
  return new VdbError('invalid', `table '${layout.table}' cannot take vector '${column.name}': it ${why}`, {
    outcome: 'not_applied',
  });
}

/** One Arrow batch with every column of the table: a merge sets columns that are not given to nothing else than what they were. */
function arrowTable(layout: Layout, batch: RecordBatch, vectors: Map<string, VectorColumn>, plan: WritePlan) {
  const { count } = batch;
  const nothing: Stored[] = new Array(count).fill(null);
  const children = layout.schema.fields.map(({ name, type }): Data => {
    if (name === ID) return idData(layout, batch);
    if (name === ID_KIND) return textData(batch.ids.map(id => (typeof id === 'bigint' ? `i:${id}` : null)));
    if (name === SIDECAR) return textData(sidecars(batch, plan));
    if (name === (layout.documentColumn ?? DOCUMENT)) return textData(batch.documents ?? (nothing as null[]), type);
    const vector = layout.vectors.find(candidate => candidate.column === name);
    if (vector) return vectorData(vector, vectors.get(name), count);
    const field = layout.fields.get(name) ?? { name, type, kind: 'other' as const, list: false };
    return fieldData(field, plan.values.get(name) ?? nothing);
  });
  const struct = arrow.makeData({
    type: new arrow.Struct(layout.schema.fields) as Struct,
    length: count,
    nullCount: 0,
    children,
  });
  return new arrow.Table(layout.schema, [new arrow.RecordBatch(layout.schema, struct as never)]);
}

function idData(layout: Layout, batch: RecordBatch): Data {
  const { type } = layout.schema.fields.find(field => field.name === ID)!;
  if (layout.idKind === 'text') return textData(batch.ids.map(String), type);
  return fieldData({ name: ID, type, kind: 'int', list: false }, batch.ids);
}

function sidecars(batch: RecordBatch, plan: WritePlan): (string | undefined)[] {
  return plan.rest.map((members, row) =>
    printSidecar({ members, floats: plan.floats[row] ?? [], uri: batch.uris?.[row] }),
  );
}
