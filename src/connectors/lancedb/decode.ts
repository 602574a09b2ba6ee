import type { RecordBatch as ArrowBatch, Data } from 'apache-arrow';
import { batchBytes } from '../../model/batch.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import type { DenseColumn, RecordBatch, Want } from '../../model/record.ts';
import type { Field } from './field.ts';
import { DOCUMENT, ID, ID_KIND, type Layout, requireId, type VectorField } from './layout.ts';
import { parseSidecar, SIDECAR, type Sidecar } from './sidecar.ts';
import { texts } from './texts.ts';
import { valueTexts } from './valueTexts.ts';

/** Rows `from` to `to` of what Lance gave. */
export interface Slice {
  batch: ArrowBatch;
  from: number;
  to: number;
}

/** The columns that a read of `want` needs. Throws `unsupported` for a table whose rows have no id. */
export function selection(layout: Layout, want: Want): string[] {
  requireId(layout);
  return [
    ID,
    ...(layout.marksIntegers ? [ID_KIND] : []),
    ...wantedVectors(layout, want).map(vector => vector.column),
    ...(want.document && layout.documentColumn ? [layout.documentColumn] : []),
    ...(want.metadata ? layout.fields.keys() : []),
    ...(layout.sidecar && (want.metadata || want.document) ? [SIDECAR] : []),
  ];
}

export function wantedVectors(layout: Layout, { vectors }: Want): VectorField[] {
  if (typeof vectors === 'boolean') return vectors ? layout.vectors : [];
  return layout.vectors.filter(vector => vectors.includes(vector.name));
}

/** Lance's rows as one batch with buffers of its own. */
export function decode(layout: Layout, want: Want, slices: readonly Slice[]): RecordBatch {
  const count = slices.reduce((sum, { from, to }) => sum + to - from, 0);
  const sidecars = slices.flatMap(slice => sidecarsOf(slice));
  const batch: Omit<RecordBatch, 'bytes'> = {
    count,
    partition: '',
    ids: slices.flatMap(slice => idsOf(layout, slice)),
    vectors: wantedVectors(layout, want).map(field => vectorColumn(field, slices, count)),
    metadata: want.metadata ? metadataOf(layout, slices, sidecars, count) : new Array(count).fill(undefined),
  };
  if (want.document) {
    const name = layout.documentColumn ?? DOCUMENT;
    batch.documents = slices.flatMap(slice => textsOf(slice, name));
    if (sidecars.some(sidecar => sidecar?.uri !== undefined)) batch.uris = sidecars.map(sidecar => sidecar?.uri);
  }
  return { ...batch, bytes: batchBytes(batch) };
}

function columnOf({ batch }: Slice, name: string): Data | undefined {
  return batch.getChild(name)?.data[0];
}

function textsOf(slice: Slice, name: string): (string | undefined)[] {
  const data = columnOf(slice, name);
  return data ? texts(data, slice.from, slice.to) : new Array(slice.to - slice.from).fill(undefined);
}

function sidecarsOf(slice: Slice): (Sidecar | undefined)[] {
  return textsOf(slice, SIDECAR).map(text => (text === undefined ? undefined : parseSidecar(text)));
}

function idsOf(layout: Layout, slice: Slice): Id[] {
  const { from, to } = slice;
  if (requireId(layout) === 'integer') {
    const data = columnOf(slice, ID)!;
    return Array.from({ length: to - from }, (_, i) =>
      data.getValid(from + i) ? BigInt(data.values[from + i]) : missing(layout),
    );
  }
  const ids = textsOf(slice, ID);
  const kinds = layout.marksIntegers ? textsOf(slice, ID_KIND) : [];
  return ids.map((id, i) =>
    id === undefined ? missing(layout) : kinds[i] === undefined ? id : BigInt(kinds[i].slice(2)),
  );
}

function missing(layout: Layout): never {
  throw new VdbError('invalid', `a row of table '${layout.table}' has no id`, {
    outcome: 'not_applied',
    hint: "Give every row an 'id', or delete the rows where it is null.",
  });
}

function vectorColumn(
  { name, column, element, dimension }: VectorField,
  slices: readonly Slice[],
  count: number,
): DenseColumn {
  const values = element === 'f16' ? new Uint16Array(count * dimension) : new Float32Array(count * dimension);
  let present: Uint8Array | undefined;
  let at = 0;
  for (const slice of slices) {
    const { from, to } = slice;
    const data = columnOf(slice, column)!;
    const source = data.children[0]!.values as Float32Array;
    if (data.nullCount === 0) values.set(source.subarray(from * dimension, to * dimension), at * dimension);
    for (let row = from; data.nullCount > 0 && row < to; row++) {
      const target = at + row - from;
      if (data.getValid(row)) values.set(source.subarray(row * dimension, (row + 1) * dimension), target * dimension);
      else {
        present ??= new Uint8Array((count + 7) >> 3).fill(0xff);
        present[target >> 3]! &= ~(1 << (target & 7));
      }
    }
    at += to - from;
  }
  return { name, kind: 'dense', element, dimension, values, ...(present && { present }) };
}

function metadataOf(
  layout: Layout,
  slices: readonly Slice[],
  sidecars: (Sidecar | undefined)[],
  count: number,
): (string | undefined)[] {
  const inner: string[] = new Array(count).fill('');
  for (const field of layout.fields.values()) {
    const prefix = `${JSON.stringify(field.name)}:`;
    let at = 0;
    for (const slice of slices) {
      const values = valuesOf(layout, field, slice, sidecars, at);
      for (let i = 0; i < values.length; i++) {
        if (values[i] === undefined) continue;
        const before = inner[at + i]!;
        inner[at + i] = before === '' ? prefix + values[i] : `${before},${prefix}${values[i]}`;
      }
      at += slice.to - slice.from;
    }
  }
  return inner.map((text, row) => {
    const rest = sidecars[row]?.members ?? '';
    if (text === '' && rest === '') return undefined;
    return `{${text}${text !== '' && rest !== '' ? ',' : ''}${rest}}`;
  });
}

function valuesOf(
  layout: Layout,
  field: Field,
  slice: Slice,
  sidecars: (Sidecar | undefined)[],
  at: number,
): (string | undefined)[] {
  const { name } = field;
  const pure = !layout.sidecar || layout.sidecar.floats.has(name);
  const isFloat = pure ? () => true : (i: number) => sidecars[at + i]?.floats.includes(name) ?? false;
  return valueTexts(field, columnOf(slice, name)!, slice.from, slice.to, isFloat);
}
