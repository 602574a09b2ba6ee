import type { VectorKind } from './collection.ts';
import { VdbError } from './errors.ts';
import { float16Bits } from './float16.ts';
import type { Element, VectorColumn } from './record.ts';
import { label, type VectorDraft } from './vectorReader.ts';

/** What all vectors of one name have in common. */
export interface VectorShape {
  kind: VectorKind;
  element: Element;
  dimension: number | null;
}

/** Collects one named vector of a batch's records, by row; a row may be set again, and rows never set are absent. */
export interface ColumnBuilder {
  set(row: number, draft: VectorDraft, pool: Float64Array): void;
  unset(row: number): void;
  /** The column of `count` rows, with buffers of its own; undefined when no row has the vector. */
  finish(count: number): VectorColumn | undefined;
}

export function columnBuilder(name: string, shape: VectorShape): ColumnBuilder {
  return shape.kind === 'dense'
    ? new DenseBuilder(name, shape.element, shape.dimension!)
    : new RowsBuilder(name, shape.kind, shape);
}

type Values = Float32Array | Uint16Array | Uint8Array;

class DenseBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #element: Element;
  readonly #dimension: number;
  /** Array entries of one row. */
  readonly #width: number;
  #values: Values;
  readonly #present = new Presence();

  constructor(name: string, element: Element, dimension: number) {
    this.#name = name;
    this.#element = element;
    this.#dimension = dimension;
    this.#width = element === 'bit' ? (dimension + 7) >> 3 : dimension;
    this.#values = allocate(element, this.#width * 16);
  }

  set(row: number, draft: VectorDraft, pool: Float64Array): void {
    const at = row * this.#width;
    if (at + this.#width > this.#values.length)
      this.#values = copy(this.#element, this.#values, 2 * (at + this.#width));
    const values = this.#values;
    if (this.#element === 'bit') values.fill(0, at, at + this.#width);
    if (this.#element === 'f32') values.set(pool.subarray(draft.start, draft.end), at);
    else
      for (let i = 0; i < this.#dimension; i++) {
        const value = pool[draft.start + i]!;
        if (this.#element === 'bit') values[at + (i >> 3)]! |= value << (7 - (i & 7));
        else values[at + i] = this.#element === 'f16' ? float16Bits(value) : value;
      }
    this.#present.set(row, true);
  }

  unset(row: number): void {
    this.#present.set(row, false);
  }

  finish(count: number): VectorColumn | undefined {
    if (!this.#present.any()) return undefined;
    const length = count * this.#width;
    const values = this.#values.length === length ? this.#values : copy(this.#element, this.#values, length);
    const present = this.#present.bitmap(count);
    if (present !== undefined)
      for (let row = 0; row < count; row++)
        if (!this.#present.get(row)) values.fill(0, row * this.#width, (row + 1) * this.#width);
    return {
      name: this.#name,
      kind: 'dense',
      element: this.#element,
      dimension: this.#dimension,
      values,
      ...(present === undefined ? {} : { present }),
    };
  }
}

/** Sparse and multi-vectors: rows of unlike length, joined at the end. */
class RowsBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #kind: 'sparse' | 'multi';
  readonly #shape: VectorShape;
  readonly #values: (Float32Array | undefined)[] = [];
  readonly #indices: (Uint32Array | undefined)[] = [];
  readonly #present = new Presence();

  constructor(name: string, kind: 'sparse' | 'multi', shape: VectorShape) {
    this.#name = name;
    this.#kind = kind;
    this.#shape = shape;
  }

  set(row: number, draft: VectorDraft, pool: Float64Array): void {
    const length = draft.end - draft.start;
    this.#values[row] = Float32Array.from(pool.subarray(draft.start, draft.end));
    if (this.#kind === 'sparse')
      this.#indices[row] = Uint32Array.from(pool.subarray(draft.indices, draft.indices + length));
    this.#present.set(row, true);
  }

  unset(row: number): void {
    this.#values[row] = undefined;
    this.#indices[row] = undefined;
    this.#present.set(row, false);
  }

  finish(count: number): VectorColumn | undefined {
    if (!this.#present.any()) return undefined;
    const dimension = this.#shape.dimension ?? 0;
    const per = this.#kind === 'multi' ? dimension : 1;
    const offsets = new Uint32Array(count + 1);
    for (let row = 0; row < count; row++)
      offsets[row + 1] = offsets[row]! + (per === 0 ? 0 : (this.#values[row]?.length ?? 0) / per);
    const values = new Float32Array(offsets[count]! * per);
    for (let row = 0; row < count; row++) if (this.#values[row]) values.set(this.#values[row]!, offsets[row]! * per);
    const present = this.#present.bitmap(count);
    const common = { name: this.#name, offsets, values, ...(present === undefined ? {} : { present }) };
    if (this.#kind === 'multi') return { ...common, kind: 'multi', dimension };
    const indices = new Uint32Array(values.length);
    for (let row = 0; row < count; row++) if (this.#indices[row]) indices.set(this.#indices[row]!, offsets[row]!);
    return { ...common, kind: 'sparse', indices };
  }
}

class Presence {
  #bits = new Uint8Array(32);
  #count = 0;

  get(row: number): boolean {
    return ((this.#bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  set(row: number, value: boolean): void {
    if (this.get(row) === value) return;
    if (row >> 3 >= this.#bits.length) {
      const larger = new Uint8Array(2 * ((row >> 3) + 1));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[row >> 3]! ^= 1 << (row & 7);
    this.#count += value ? 1 : -1;
  }

  any(): boolean {
    return this.#count > 0;
  }

  /** Undefined when all of the rows are present. */
  bitmap(count: number): Uint8Array | undefined {
    if (this.#count === count) return undefined;
    const bitmap = new Uint8Array((count + 7) >> 3);
    bitmap.set(this.#bits.subarray(0, bitmap.length));
    return bitmap;
  }
}

/** Throws `invalid` when a component of the draft is not exactly one of the element's values. */
export function checkElements(draft: VectorDraft, element: Element, pool: Float64Array): void {
  if (element === 'f32') return;
  for (let i = draft.start; i < draft.end; i++) {
    const value = pool[i]!;
    const fits =
      element === 'f16'
        ? float16Bits(value) >= 0
        : Number.isInteger(value) && value >= 0 && value <= (element === 'u8' ? 255 : 1);
    if (!fits)
      throw new VdbError(
        'invalid',
        `${label(draft.name)} holds ${value}, which ${element} elements cannot hold exactly`,
        {
          hint: 'Write only values that the collection can hold.',
        },
      );
  }
}

/** Zeroed; bit and u8 are bytes, f16 its raw bits. */
export function allocate(element: Element, length: number): Values {
  if (element === 'f32') return new Float32Array(length);
  return element === 'f16' ? new Uint16Array(length) : new Uint8Array(length);
}

function copy(element: Element, values: Values, length: number): Values {
  const result = allocate(element, length);
  result.set(values.subarray(0, Math.min(length, values.length)));
  return result;
}
