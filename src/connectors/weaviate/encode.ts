import { VdbError } from '../../model/errors.ts';
import { isPresent, type RecordBatch, type VectorColumn } from '../../model/record.ts';
import { hiddenEntry } from './hidden.ts';
import { type ObjectId, show } from './ids.ts';
import type { Layout, StoredVector } from './layout.ts';
import { HIDDEN, ID_MARK, SIDECAR } from './propertyName.ts';
import { printSidecar, type Sidecar } from './sidecar.ts';
import { type Native, storedValue } from './storedValue.ts';
import {
  type BatchObject,
  type BatchProperties,
  type StructEntry,
  VECTOR_TYPE,
  type Vectors,
} from './wire/messages.ts';
import type { Cell } from './writePlan.ts';

/** A batch as objects of the wire; vectors are views of the batch's own buffers. */
export function encodeObjects(
  layout: Layout,
  batch: RecordBatch,
  ids: ObjectId[],
  rows: Cell[][],
  tenant: string,
): BatchObject[] {
  const columns = batch.vectors.map(column => ({
    column,
    target: layout.vectors.find(({ name }) => name === column.name)!,
  }));
  return ids.map((id, row) => {
    const object: BatchObject = {
      uuid: id.uuid,
      collection: layout.collection,
      tenant,
      properties: properties(layout, batch, row, id, rows[row]!),
    };
    const named: Vectors[] = [];
    for (const { column, target } of columns) {
      if (!isPresent(column, row)) continue;
      if (target.stored === '') object.vector_bytes = denseBytes(column, row);
      else named.push(vector(target, column, batch, row));
    }
    if (named.length > 0) object.vectors = named;
    return object;
  });
}

function properties(layout: Layout, batch: RecordBatch, row: number, id: ObjectId, cells: Cell[]): BatchProperties {
  const made: BatchProperties = {
    non_ref_properties: { fields: [] },
    single_target_ref_props: [],
    multi_target_ref_props: [],
    number_array_properties: [],
    int_array_properties: [],
    text_array_properties: [],
    boolean_array_properties: [],
    empty_list_props: [],
  };
  const { fields } = made.non_ref_properties;
  const document = batch.documents?.[row];
  const sidecar: Sidecar = { members: new Map(), uri: batch.uris?.[row], document: undefined };
  if (document !== undefined) {
    if (layout.document === null) sidecar.document = document;
    else fields.push({ key: layout.document, value: { string_value: document } });
  }
  const hidden: string[] = [];
  for (const { key, text, value } of cells) {
    const property = layout.fields.get(key);
    const stored = storedValue(property, layout.floats, value);
    if (stored.native !== undefined) put(made, property!.name, stored.native, property!.targets);
    if (!stored.exact) sidecar.members.set(key, text);
    for (const code of stored.codes) hidden.push(hiddenEntry(code, key));
  }
  if (id.mark !== undefined) fields.push({ key: ID_MARK, value: { string_value: id.mark } });
  const aside = printSidecar(sidecar);
  if (aside !== undefined) fields.push({ key: SIDECAR, value: { string_value: aside } });
  if (hidden.length > 0) made.text_array_properties.push({ prop_name: HIDDEN, values: hidden });
  return made;
}

function put(made: BatchProperties, name: string, native: Native, targets: string[]): void {
  if (typeof native === 'object' && 'list' in native) {
    const prop_name = name;
    switch (native.list) {
      case 'text':
        made.text_array_properties.push({ prop_name, values: native.values });
        return;
      case 'number':
        made.number_array_properties.push({ prop_name, values_bytes: bytesOf(Float64Array.from(native.values)) });
        return;
      case 'int':
        made.int_array_properties.push({ prop_name, values: native.values });
        return;
      case 'boolean':
        made.boolean_array_properties.push({ prop_name, values: native.values });
        return;
      case 'empty':
        made.empty_list_props.push(name);
        return;
      case 'reference':
        putReferences(made, name, native.values, targets);
        return;
    }
  }
  made.non_ref_properties.fields.push({ key: name, value: structValue(native) });
}

function structValue(native: string | number | boolean | { lat: number; lon: number }): StructEntry['value'] {
  if (typeof native === 'string') return { string_value: native };
  if (typeof native === 'number') return { number_value: native };
  if (typeof native === 'boolean') return { bool_value: native };
  const fields = [
    { key: 'latitude', value: { number_value: native.lat } },
    { key: 'longitude', value: { number_value: native.lon } },
  ];
  return { struct_value: { fields } };
}

function putReferences(made: BatchProperties, prop_name: string, beacons: string[], targets: string[]): void {
  const byClass = new Map<string, string[]>();
  for (const beacon of beacons) {
    const [target, uuid] = beacon.split('/').slice(-2) as [string, string];
    byClass.set(target, [...(byClass.get(target) ?? []), uuid]);
  }
  for (const [target_collection, uuids] of byClass) {
    if (targets.length === 1) made.single_target_ref_props.push({ uuids, prop_name });
    else made.multi_target_ref_props.push({ uuids, prop_name, target_collection });
  }
}

function vector(target: StoredVector, column: VectorColumn, batch: RecordBatch, row: number): Vectors {
  if (column.kind !== 'multi')
    return { name: target.stored, vector_bytes: denseBytes(column, row), type: VECTOR_TYPE.single };
  const [from, to] = [column.offsets[row]!, column.offsets[row + 1]!];
  if (from === to) {
    throw new VdbError('invalid', `the vector '${column.name}' of record ${show(batch.ids[row]!)} has no rows`, {
      outcome: 'not_applied',
      hint: 'Weaviate keeps no empty multi-vector; leave the vector out.',
    });
  }
  const values = column.values.subarray(from * column.dimension, to * column.dimension);
  return { name: target.stored, vector_bytes: multiBytes(values, column.dimension), type: VECTOR_TYPE.multi };
}

function denseBytes(column: VectorColumn, row: number): Uint8Array {
  const { dimension } = column as VectorColumn & { kind: 'dense' };
  return bytesOf((column.values as Float32Array).subarray(row * dimension, (row + 1) * dimension));
}

/** u16 of a row's width, then all rows (usecases/byteops/byteops.go). */
export function multiBytes(values: Float32Array, dimension: number): Uint8Array {
  const bytes = new Uint8Array(2 + values.byteLength);
  new DataView(bytes.buffer).setUint16(0, dimension, true);
  bytes.set(bytesOf(values), 2);
  return bytes;
}

/** Little-endian, as every machine is that Node runs on. */
export function bytesOf(values: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
