import { batchBytes } from '../../model/batch.ts';
import { printFloat } from '../../model/json/exact.ts';
import type { DenseColumn, MultiColumn, RecordBatch, VectorColumn, Want } from '../../model/record.ts';
import { blobKey } from './hidden.ts';
import { idOf } from './ids.ts';
import type { Layout, StoredVector } from './layout.ts';
import { HIDDEN, ID_MARK, SIDECAR } from './propertyName.ts';
import { parseSidecar, type Sidecar } from './sidecar.ts';
import { looksInteger } from './storedValue.ts';
import { valueText } from './valueText.ts';
import type { PropertiesRequest, PropertiesResult, SearchRequest, SearchResult, Value } from './wire/messages.ts';

/** What a read of `want` asks for. */
export function selection(layout: Layout, want: Want): Pick<SearchRequest, 'properties' | 'metadata'> {
  const vectors = wantedVectors(layout, want);
  const named = vectors.map(({ stored }) => stored).filter(stored => stored !== '');
  return {
    properties: wantedProperties(layout, want),
    metadata: {
      uuid: true,
      ...(vectors.length > named.length && { vector: true }),
      ...(named.length > 0 && { vectors: named }),
    },
  };
}

function wantedProperties(layout: Layout, want: Want): PropertiesRequest {
  const marks = layout.marks ? [ID_MARK] : [];
  const sidecar = layout.sidecar && (want.metadata || want.document) ? [SIDECAR] : [];
  const document = want.document && layout.document !== null ? [layout.document] : [];
  if (!want.metadata) return { non_ref_properties: [...marks, ...sidecar, ...document] };
  const references = [...layout.fields.values()].filter(({ type }) => type === 'reference');
  const ref_properties = references.flatMap(({ name, targets }) =>
    targets.map(target_collection => ({
      reference_property: name,
      properties: {},
      metadata: { uuid: true },
      target_collection,
    })),
  );
  // "All" leaves out blobs, and brings properties that were added in the meantime.
  if (!holdsBlobs(layout)) return { return_all_nonref_properties: true, ref_properties };
  const names = [...layout.properties.values()].filter(({ type }) => type !== 'reference').map(({ name }) => name);
  return { non_ref_properties: [...marks, ...sidecar, ...document, ...names], ref_properties };
}

/** Metadata is asked for by the names of properties then. */
export function holdsBlobs(layout: Layout): boolean {
  return [...layout.properties.values()].some(({ type }) => type === 'blob');
}

export function wantedVectors(layout: Layout, { vectors }: Want): StoredVector[] {
  if (typeof vectors === 'boolean') return vectors ? layout.vectors : [];
  return layout.vectors.filter(({ name }) => vectors.includes(name));
}

/** False when the answer shows a property that the layout does not know: it was added in the meantime. */
export function knowsAll(layout: Layout, results: SearchResult[]): boolean {
  const other = new Set([ID_MARK, SIDECAR, layout.document]);
  return results.every(({ properties }) =>
    (properties?.non_ref_props?.fields ?? []).every(({ key, value }) => {
      if (key === HIDDEN) return knowsBlobs(layout, value);
      return value?.kind === 'null_value' || other.has(key) || layout.properties.has(key);
    }),
  );
}

function knowsBlobs({ fields }: Layout, hidden: Value | null): boolean {
  if (hidden?.kind !== 'list_value' || hidden.list_value.kind !== 'text_values') return true;
  return hidden.list_value.text_values.values.every(entry => {
    const key = blobKey(entry);
    return key === undefined || fields.has(key);
  });
}

/** Objects as one batch with buffers of its own. */
export function decodeObjects(layout: Layout, want: Want, results: SearchResult[], partition: string): RecordBatch {
  const ids: RecordBatch['ids'] = [];
  const metadata: (string | undefined)[] = [];
  const documents: (string | undefined)[] = [];
  const uris: (string | undefined)[] = [];
  const number = layout.floats ? printFloat : anyNumber;
  const order = new Map([...layout.properties.keys()].map((name, i) => [name, i]));
  for (const { properties, metadata: about } of results) {
    let mark: string | undefined;
    let document: string | undefined;
    let sidecar: Sidecar | undefined;
    const texts: { name: string; text: string }[] = [];
    for (const { key, value } of properties?.non_ref_props?.fields ?? []) {
      if (!value || value.kind === undefined || value.kind === 'null_value') continue;
      if (key === ID_MARK) mark = value.text_value;
      else if (key === SIDECAR) sidecar = parseSidecar(value.text_value);
      else if (key === layout.document) document = value.text_value;
      else if (key !== HIDDEN && want.metadata) texts.push({ name: key, text: valueText(value, number) });
    }
    if (want.metadata) texts.push(...references(properties));
    ids.push(idOf(about.id, mark));
    metadata.push(want.metadata ? metadataText(layout, texts, order, sidecar) : undefined);
    documents.push(want.document ? (sidecar?.document ?? document) : undefined);
    uris.push(want.document ? sidecar?.uri : undefined);
  }
  const batch: Omit<RecordBatch, 'bytes'> = {
    count: results.length,
    partition,
    ids,
    vectors: wantedVectors(layout, want).flatMap(vector => column(vector, results) ?? []),
    metadata,
    ...(documents.some(text => text !== undefined) && { documents }),
    ...(uris.some(uri => uri !== undefined) && { uris }),
  };
  return { ...batch, bytes: batchBytes(batch) };
}

function anyNumber(value: number): string {
  return looksInteger(value) ? String(value) : printFloat(value);
}

function metadataText(
  layout: Layout,
  texts: { name: string; text: string }[],
  order: Map<string, number>,
  sidecar: Sidecar | undefined,
): string | undefined {
  const aside = sidecar?.members ?? new Map<string, string>();
  if (texts.length + aside.size === 0) return undefined;
  texts.sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  const parts: string[] = [];
  for (const { name, text } of texts) {
    const key = layout.properties.get(name)?.key ?? name;
    if (!aside.has(key)) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  for (const [key, text] of aside) parts.push(`${JSON.stringify(key)}:${text}`);
  return `{${parts.join(',')}}`;
}

/** Cross-references, as the beacons that the REST interface has for them. */
function references(properties: PropertiesResult | null): { name: string; text: string }[] {
  const beacons = new Map<string, string[]>();
  for (const { prop_name, properties: targets } of properties?.ref_props ?? []) {
    const known = beacons.get(prop_name) ?? [];
    for (const { target_collection, metadata } of targets)
      known.push(`weaviate://localhost/${target_collection}/${metadata?.id}`);
    if (known.length > 0) beacons.set(prop_name, known);
  }
  return [...beacons].map(([name, list]) => ({ name, text: JSON.stringify(list) }));
}

/** Undefined when no object has the vector. */
function column(vector: StoredVector, results: SearchResult[]): VectorColumn | undefined {
  const parts = results.map(({ metadata }) => {
    if (vector.stored === '') return metadata.vector_bytes;
    return metadata.vectors.find(({ name }) => name === vector.stored)?.vector_bytes;
  });
  const first = parts.find(part => part !== undefined && part.length > 0);
  if (first === undefined) return undefined;
  const present = new Uint8Array((results.length + 7) >> 3);
  let all = true;
  parts.forEach((part, row) => {
    if (part !== undefined && part.length > 0) present[row >> 3]! |= 1 << (row & 7);
    else all = false;
  });
  const made = vector.kind === 'multi' ? multi(vector.name, first, parts) : dense(vector.name, first, parts);
  return all ? made : { ...made, present };
}

function dense(name: string, first: Uint8Array, parts: (Uint8Array | undefined)[]): DenseColumn {
  const dimension = first.length / 4;
  const values = new Float32Array(dimension * parts.length);
  const bytes = new Uint8Array(values.buffer);
  parts.forEach((part, row) => {
    if (part !== undefined && part.length > 0) bytes.set(part, row * first.length);
  });
  return { name, kind: 'dense', element: 'f32', dimension, values };
}

function multi(name: string, first: Uint8Array, parts: (Uint8Array | undefined)[]): MultiColumn {
  const dimension = first[0]! | (first[1]! << 8);
  const offsets = new Uint32Array(parts.length + 1);
  parts.forEach((part, row) => {
    offsets[row + 1] =
      offsets[row]! + (part === undefined || part.length === 0 ? 0 : (part.length - 2) / 4 / dimension);
  });
  const values = new Float32Array(offsets[parts.length]! * dimension);
  const bytes = new Uint8Array(values.buffer);
  parts.forEach((part, row) => {
    if (part !== undefined && part.length > 0) bytes.set(part.subarray(2), offsets[row]! * dimension * 4);
  });
  return { name, kind: 'multi', dimension, offsets, values };
}
