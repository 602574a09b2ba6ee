import { VdbError } from '../../model/errors.ts';
import { type Exact, parseExact } from '../../model/json/exact.ts';
import { members } from '../../model/json/members.ts';
import type { RecordBatch } from '../../model/record.ts';
import type { PropertyJson } from './classJson.ts';
import { DOCUMENTS, keyDescription, type Layout } from './layout.ts';
import { DOCUMENT, HIDDEN, ID_MARK, isReserved, nameFor, OWN, SIDECAR } from './propertyName.ts';
import { type Stored, storedValue, typeFor } from './storedValue.ts';

/** Each property has indexes, that is files, of its own in every shard: what comes later is kept aside. */
const MOST_PROPERTIES = 256;

export interface Cell {
  key: string;
  text: string;
  value: Exact;
}

/** Metadata members of each record, parsed. Throws `invalid` (reserved_key). */
export function cellsOf(batch: RecordBatch): Cell[][] {
  return batch.metadata.map(text => {
    if (text === undefined) return [];
    return members(text).map(({ key, start, end }) => {
      if (isReserved(key)) {
        throw new VdbError('invalid', `the metadata key '${key}' is reserved`, {
          reason: 'reserved_key',
          outcome: 'not_applied',
        });
      }
      const value = text.slice(start, end);
      return { key, text: value, value: parseExact(value) };
    });
  });
}

/** The properties that a class must get before the records can be written: the first value of a key decides on its type. */
export function missingProperties(layout: Layout, batch: RecordBatch, rows: Cell[][]): PropertyJson[] {
  const taken = new Set((layout.config.properties ?? []).map(({ name }) => name.toLowerCase()));
  // A new property must not be taken for the document.
  for (const name of [...OWN, ...(layout.document === DOCUMENT ? [] : DOCUMENTS)]) taken.add(name);
  let room = MOST_PROPERTIES - (layout.config.properties ?? []).length;
  const added = new Map<string, PropertyJson>();
  const types = new Map<string, string>();
  for (const cells of rows) {
    for (const { key, value } of cells) {
      if (layout.fields.has(key) || types.has(key)) continue;
      const type = typeFor(value);
      if (type === null || room === 0) continue;
      types.set(key, type);
      const name = nameFor(key, taken);
      if (name === null) continue;
      room--;
      taken.add(name.toLowerCase());
      added.set(key, metadataProperty(name, key, type));
    }
  }
  return [...ownProperties(layout, batch, rows, added), ...added.values()];
}

export function metadataProperty(name: string, key: string, type: string): PropertyJson {
  return {
    name,
    dataType: [type],
    ...(/^text/.test(type) && { tokenization: 'field', indexSearchable: false }),
    ...(type === 'blob' && { indexFilterable: false }),
    ...(name !== key && { description: keyDescription(key) }),
  };
}

export const MARK_PROPERTY: PropertyJson = {
  name: ID_MARK,
  dataType: ['text'],
  tokenization: 'field',
  indexSearchable: false,
};
export const HIDDEN_PROPERTY: PropertyJson = { ...MARK_PROPERTY, name: HIDDEN, dataType: ['text[]'] };
export const SIDECAR_PROPERTY: PropertyJson = {
  name: SIDECAR,
  dataType: ['text'],
  indexFilterable: false,
  indexSearchable: false,
};

/** Those of vdb that a class made by another program lacks and this batch needs. */
function ownProperties(
  layout: Layout,
  batch: RecordBatch,
  rows: Cell[][],
  added: Map<string, PropertyJson>,
): PropertyJson[] {
  const { marks, sidecar, hidden, floats } = layout;
  if (marks && sidecar && hidden) return [];
  const known = (key: string) => {
    const json = added.get(key);
    if (!json) return layout.fields.get(key);
    const [type = ''] = json.dataType;
    return {
      name: json.name,
      key,
      type: type.replace('[]', ''),
      list: type.endsWith('[]'),
      indexed: true,
      targets: [],
    };
  };
  const stored = (): Stored[] => rows.flat().map(({ key, value }) => storedValue(known(key), floats, value));
  const beside =
    batch.uris?.some(uri => uri !== undefined) ||
    (layout.document === null && batch.documents?.some(text => text !== undefined)) ||
    stored().some(each => !each.exact || each.codes.size > 0);
  return [
    ...(marks ? [] : [MARK_PROPERTY]),
    ...(sidecar || !beside ? [] : [SIDECAR_PROPERTY]),
    ...(hidden || !beside ? [] : [HIDDEN_PROPERTY]),
  ];
}
