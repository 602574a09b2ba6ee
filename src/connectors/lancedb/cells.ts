import { VdbError } from '../../model/errors.ts';
import type { Exact } from '../../model/json/exact.ts';
import { parseExact } from '../../model/json/exact.ts';
import { members } from '../../model/json/members.ts';
import type { Stored } from './columnData.ts';
import type { Kind } from './field.ts';

/** What kind of column a value asks for. */
export interface Shape {
  kind: Exclude<Kind, 'other'>;
  list: boolean;
}

/** All values of one key in a batch that a column could hold. */
export interface Cells {
  rows: number[];
  values: Exclude<Stored, null>[];
  /** The JSON text of each. */
  texts: string[];
}

export interface Split {
  /** By key; a key is here only when it may be a column. */
  cells: Map<string, Cells>;
  /** Per row, members that no column can hold, as JSON text without braces; '' for none. */
  rest: string[];
  /** Keys in `rest` with a value other than null. */
  restKeys: Set<string>;
}

/** Cuts a batch's metadata into what columns could hold and the rest. Throws VdbError `invalid` on a reserved key. */
export function splitMetadata(metadata: readonly (string | undefined)[], mayBeColumn: (key: string) => boolean): Split {
  const cells = new Map<string, Cells>();
  const legal = new Map<string, boolean>();
  const split: Split = { cells, rest: metadata.map(() => ''), restKeys: new Set() };
  for (let row = 0; row < metadata.length; row++) {
    const text = metadata[row];
    if (text === undefined) continue;
    for (const { key, kind, start, end } of members(text)) {
      const slice = text.slice(start, end);
      let fit = legal.get(key);
      if (fit === undefined) legal.set(key, (fit = checkReserved(key) && mayBeColumn(key)));
      const value = fit && kind !== 'null' && kind !== 'object' ? storable(slice, kind) : undefined;
      if (value === undefined) {
        keepAside(split, row, key, slice);
        continue;
      }
      let cell = cells.get(key);
      if (!cell) cells.set(key, (cell = { rows: [], values: [], texts: [] }));
      cell.rows.push(row);
      cell.values.push(value);
      cell.texts.push(slice);
    }
  }
  return split;
}

/** Puts a member into the sidecar of its row. */
export function keepAside(split: Split, row: number, key: string, text: string): void {
  const before = split.rest[row]!;
  split.rest[row] = `${before}${before === '' ? '' : ','}${JSON.stringify(key)}:${text}`;
  if (text !== 'null') split.restKeys.add(key);
}

function checkReserved(key: string): true {
  if (!key.startsWith('_vdb_')) return true;
  throw new VdbError('invalid', `metadata key '${key}' is reserved for vdb`, {
    reason: 'reserved_key',
    outcome: 'not_applied',
    hint: "Keys that begin with '_vdb_' cannot be stored; rename it.",
  });
}

function storable(
  text: string,
  kind: 'boolean' | 'integer' | 'float' | 'string' | 'array',
): Cells['values'][number] | undefined {
  switch (kind) {
    case 'boolean':
      return text === 'true';
    case 'integer':
      return inInt64(BigInt(text));
    case 'float':
      return Number(text);
    case 'string':
      return JSON.parse(text) as string;
    case 'array':
      return storableList(parseExact(text) as Exact[]);
  }
}

/** A list of scalars of one kind; undefined: anything else. */
function storableList(items: Exact[]): Stored[] | undefined {
  const type = typeof items[0];
  for (const item of items) {
    if (item === null || typeof item === 'object' || typeof item !== type) return undefined;
    if (typeof item === 'bigint' && inInt64(item) === undefined) return undefined;
  }
  return items as Stored[];
}

function inInt64(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const KINDS = { boolean: 'bool', bigint: 'int', number: 'float', string: 'text' } as const;

/** Undefined for an empty list, which fits any list. */
export function shapeOf(value: Cells['values'][number]): Shape | undefined {
  const list = Array.isArray(value);
  const scalar = list ? value[0] : value;
  return scalar === undefined ? undefined : { kind: KINDS[typeof scalar as keyof typeof KINDS], list };
}
