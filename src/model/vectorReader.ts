import type { VectorKind } from './collection.ts';
import { VdbError } from './errors.ts';
import { NumberPool } from './json/numberPool.ts';
import { Keys, type Scanner } from './json/scanner.ts';
import type { Element } from './record.ts';

/**
 * One vector as it was read: its numbers stand in the reader's pool until the next line. `dimension` is the components of
 * a dense vector or of each row; null for a sparse one, and for a multi-vector without rows.
 */
export interface VectorDraft {
  name: string;
  kind: VectorKind;
  dimension: number | null;
  /** In the pool: components, all rows, or a sparse vector's values. */
  start: number;
  end: number;
  /** In the pool: a sparse vector's indices, ascending; as many as values. */
  indices: number;
}

const MAX_INDEX = 0xffffffff;

/** Reads vectors from a scanner into one pool of doubles, which all vectors of a line share. */
export class VectorReader {
  readonly #pool = new NumberPool();
  readonly #scanner: Scanner;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** The numbers of the vectors read since `reset`; valid until the next read. */
  get pool(): Float64Array {
    return this.#pool.values;
  }

  /** Forgets the vectors read so far. */
  reset(): void {
    this.#pool.used = 0;
  }

  /**
   * `[…]` is dense, `[[…],…]` multi, `{"indices","values"}` sparse; `[]` is a multi-vector without rows where
   * `expected` says so, else refused. Null stands for no vector. `element` other than f32 keeps doubles unrounded.
   */
  read(name: string, expected: VectorKind | undefined, element: Element): VectorDraft | null {
    const scanner = this.#scanner;
    const c = scanner.peek();
    if (c === 110) {
      scanner.literal();
      return null;
    }
    if (c === 123) return this.#sparse(name);
    if (c !== 91) throw scanner.unexpected(`${label(name)}: an array or {"indices","values"}`);
    const start = this.#pool.used;
    if (!scanner.open(91, 0)) {
      if (expected === 'multi') return { name, kind: 'multi', dimension: null, start, end: start, indices: start };
      throw scanner.fail(`${label(name)} is empty`);
    }
    if (scanner.peek() === 91) return this.#rows(name, start);
    scanner.floats(this.#pool, element === 'u8' || element === 'bit');
    return { name, kind: 'dense', dimension: this.#pool.used - start, start, end: this.#pool.used, indices: start };
  }

  #rows(name: string, start: number): VectorDraft {
    const scanner = this.#scanner;
    let dimension = 0;
    do {
      const from = this.#pool.used;
      if (!scanner.open(91, 1)) throw scanner.fail(`a row of ${label(name)} is empty`);
      scanner.floats(this.#pool);
      if (from === start) dimension = this.#pool.used - from;
      else if (this.#pool.used - from !== dimension)
        throw mismatch(name, dimension, this.#pool.used - from, 'a row of ');
    } while (scanner.more(93));
    return { name, kind: 'multi', dimension, start, end: this.#pool.used, indices: start };
  }

  #sparse(name: string): VectorDraft {
    const scanner = this.#scanner;
    const at = scanner.pos;
    const spans: { indices?: [number, number]; values?: [number, number] } = {};
    const keys = new Keys();
    if (scanner.open(123, 0)) {
      do {
        const key = scanner.key(keys);
        if (key !== 'indices' && key !== 'values')
          throw scanner.fail(`${label(name)} holds ${JSON.stringify(key)} besides indices and values`);
        const from = this.#pool.used;
        if (scanner.open(91, 1)) scanner.floats(this.#pool, key === 'indices');
        spans[key] = [from, this.#pool.used];
      } while (scanner.more(125));
    }
    const { indices, values } = spans;
    if (!indices || !values) throw scanner.fail(`${label(name)} lacks indices or values`, 'syntax', at);
    if (indices[1] - indices[0] !== values[1] - values[0])
      throw scanner.fail(`${label(name)} holds not as many indices as values`, 'syntax', at);
    this.#order(name, indices, values, at);
    return { name, kind: 'sparse', dimension: null, start: values[0], end: values[1], indices: indices[0] };
  }

  #order(name: string, indices: [number, number], values: [number, number], at: number): void {
    const found = this.pool.subarray(indices[0], indices[1]);
    let ascending = true;
    for (let i = 0; i < found.length; i++) {
      const index = found[i]!;
      if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX)
        throw this.#scanner.fail(`${label(name)} holds the index ${index}, which is not in 0 to 2^32-1`, 'syntax', at);
      if (i > 0 && index <= found[i - 1]!) ascending = false;
    }
    if (ascending) return;
    const entries = Array.from(found, (index, i) => [index, this.pool[values[0] + i]!] as const);
    entries.sort((a, b) => a[0] - b[0]);
    entries.forEach(([index, value], i) => {
      if (i > 0 && index === entries[i - 1]![0])
        throw this.#scanner.fail(`${label(name)} holds the index ${index} twice`, 'syntax', at);
      found[i] = index;
      this.pool[values[0] + i] = value;
    });
  }
}

/** How messages name a vector. */
export function label(name: string): string {
  return name === '' ? 'the vector' : `the vector ${JSON.stringify(name)}`;
}

export function mismatch(name: string, expected: number, got: number, of = ''): VdbError {
  return new VdbError('invalid', `${of}${label(name)} has ${got} components, expected ${expected}`, {
    reason: 'dimension_mismatch',
    hint: 'Make the vectors with the model that the collection was made for.',
    data: { vector: name, expected, got },
  });
}
