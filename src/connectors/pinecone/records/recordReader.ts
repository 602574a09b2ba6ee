import { BatchBuilder } from '../../../model/batchBuilder.ts';
import type { VectorShape } from '../../../model/columnBuilder.ts';
import { VdbError } from '../../../model/errors.ts';
import { Keys, Scanner } from '../../../model/json/scanner.ts';
import type { RecordBatch, Want } from '../../../model/record.ts';
import { type VectorDraft, VectorReader } from '../../../model/vectorReader.ts';
import { type IndexInfo, SPARSE_NAME } from '../indexInfo.ts';
import { BadAnswer } from '../wire/httpFailure.ts';
import { fromStored, type Native } from './storedMetadata.ts';

const scanner = new Scanner();
const reader = new VectorReader(scanner);
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const EMPTY_LIST = /\[\s*\]/y;

/** What stands beside a record in an answer. */
export interface Met {
  stored: string;
  /** Undefined where the answer is not a ranked one. */
  score: number | undefined;
  fields: Map<string, Native>;
}

export interface ReadOptions {
  info: IndexInfo;
  documentField: string;
  want: Want;
  partition: string;
}

/**
 * Collects the records of any number of answers (`{"vectors":{id:…}}`, `{"matches":[…]}`) into one batch. Vectors go from the
 * text into float32 columns without an array of numbers between.
 */
export class RecordReader {
  readonly #options: ReadOptions;
  readonly #builder: BatchBuilder;
  readonly #shapes: Map<string, VectorShape>;
  /** By row. */
  readonly met: Met[] = [];

  constructor(options: ReadOptions) {
    this.#options = options;
    this.#builder = new BatchBuilder(options.partition);
    const { kind, dimension } = options.info;
    this.#shapes = new Map<string, VectorShape>([
      ['', { kind, element: 'f32', dimension }],
      [SPARSE_NAME, { kind: 'sparse', element: 'f32', dimension: null }],
    ]);
  }

  /** Reads one answer; records that `accept` refuses are left out. Returns the token of the next page, if there is one. */
  read(
    body: string,
    accept: (met: Met, parts: ReturnType<typeof fromStored>) => boolean = () => true,
  ): string | undefined {
    try {
      return this.#read(body, accept);
    } catch (error) {
      // The scanner finds fault with input; here the server wrote it.
      if (error instanceof VdbError && error.code === 'invalid' && error.details.reason !== undefined)
        throw new BadAnswer(error.message);
      throw error;
    }
  }

  finish(): RecordBatch {
    return this.#builder.finish();
  }

  #read(body: string, accept: (met: Met, parts: ReturnType<typeof fromStored>) => boolean): string | undefined {
    let next: string | undefined;
    scanner.load(body);
    if (scanner.open(123, 0)) {
      const keys = new Keys();
      do {
        const key = scanner.key(keys);
        const c = scanner.peek();
        if (key === 'vectors' && c === 123) {
          if (scanner.open(123, 1)) {
            const ids = new Keys();
            do {
              const id = scanner.key(ids);
              this.#record(id, accept);
            } while (scanner.more(125));
          }
        } else if (key === 'matches' && c === 91) {
          if (scanner.open(91, 1))
            do this.#record(undefined, accept);
            while (scanner.more(93));
        } else if (key === 'pagination' && c === 123) next = pagination();
        else scanner.skip(1);
      } while (scanner.more(125));
    }
    scanner.finish();
    return next;
  }

  #record(key: string | undefined, accept: (met: Met, parts: ReturnType<typeof fromStored>) => boolean): void {
    const { info, want, documentField } = this.#options;
    let stored = key;
    let score: number | undefined;
    let fields = new Map<string, Native>();
    const vectors: VectorDraft[] = [];
    reader.reset();
    if (scanner.open(123, 2)) {
      const keys = new Keys();
      do {
        const name = scanner.key(keys);
        const c = scanner.peek();
        if (c === 110) scanner.literal();
        else if (name === 'id' && c === 34) {
          scanner.string();
          stored = scanner.value();
        } else if (name === 'score') score = number();
        else if (name === 'metadata') fields = readFields();
        else if (name === 'values' && info.kind === 'dense') {
          const draft = dense(info);
          if (draft && wants(want, '')) vectors.push(draft);
        } else if (name === 'sparseValues') {
          const vector = info.kind === 'sparse' ? '' : SPARSE_NAME;
          const draft = reader.read(vector, 'sparse', 'f32');
          if (draft && draft.end > draft.start && wants(want, vector)) vectors.push(draft);
        } else scanner.skip(3);
      } while (scanner.more(125));
    }
    if (stored === undefined) throw new BadAnswer('a record without an id');
    const met = { stored, score, fields };
    const parts = fromStored(stored, fields, documentField);
    if (!accept(met, parts)) return;
    this.met.push(met);
    this.#builder.add(
      {
        id: parts.id,
        partition: this.#options.partition,
        metadata: want.metadata ? parts.metadata : undefined,
        document: want.document ? parts.document : undefined,
        uri: want.document ? parts.uri : undefined,
        vectors,
      },
      this.#shapes,
      reader.pool,
    );
  }
}

export function wants({ vectors }: Want, name: string): boolean {
  return typeof vectors === 'boolean' ? vectors : vectors.includes(name);
}

function dense(info: IndexInfo): VectorDraft | undefined {
  EMPTY_LIST.lastIndex = scanner.pos;
  if (EMPTY_LIST.test(scanner.text)) {
    scanner.skip(3);
    return undefined;
  }
  const draft = reader.read('', 'dense', 'f32');
  if (draft?.kind !== 'dense' || draft.dimension !== info.dimension) {
    throw new BadAnswer(`a vector of ${draft?.dimension} dimensions from an index of ${info.dimension}`);
  }
  return draft;
}

function readFields(): Map<string, Native> {
  const fields = new Map<string, Native>();
  if (!scanner.open(123, 3)) return fields;
  const keys = new Keys();
  do {
    const key = scanner.key(keys);
    const c = scanner.peek();
    if (c === 34) {
      scanner.string();
      fields.set(key, scanner.value());
    } else if (c === 91) fields.set(key, strings());
    else if (c === 116 || c === 102) fields.set(key, scanner.literal() === 'true');
    else if (c === 110) scanner.literal();
    else fields.set(key, number());
  } while (scanner.more(125));
  return fields;
}

function strings(): string[] {
  const list: string[] = [];
  if (scanner.open(91, 4))
    do {
      if (scanner.peek() !== 34) throw new BadAnswer('a list of metadata that holds more than strings');
      scanner.string();
      list.push(scanner.value());
    } while (scanner.more(93));
  return list;
}

/** A binary64 in any spelling, also one beyond 64 bits without a point. */
function number(): number {
  NUMBER.lastIndex = scanner.pos;
  const token = NUMBER.exec(scanner.text)?.[0];
  if (token === undefined) throw scanner.unexpected('a number');
  scanner.pos += token.length;
  return Number(token);
}

function pagination(): string | undefined {
  let next: string | undefined;
  if (scanner.open(123, 1)) {
    const keys = new Keys();
    do {
      const key = scanner.key(keys);
      if (scanner.peek() === 34) {
        scanner.string();
        if (key === 'next' && scanner.value() !== '') next = scanner.value();
      } else scanner.skip(2);
    } while (scanner.more(125));
  }
  return next;
}
