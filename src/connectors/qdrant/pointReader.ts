import { BatchBuilder } from '../../model/batchBuilder.ts';
import type { VectorShape } from '../../model/columnBuilder.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { Keys, Scanner } from '../../model/json/scanner.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { type VectorDraft, VectorReader } from '../../model/vectorReader.ts';
import { markedId } from './ids.ts';
import type { Layout } from './layout.ts';
import { fromPayload, type PayloadMember } from './payload.ts';

export interface Points {
  batch: RecordBatch;
  /** By position; NaN where the server says null (a component is infinite). */
  scores: number[];
  /** By position, as the server knows the points. */
  points: Id[];
  /** The scroll goes on. */
  more: boolean;
}

/**
 * Reads an answer that holds points, in one pass over its text: ids of 64 bits and payloads keep their spelling, vectors
 * go straight into columns. JSON.parse would round the first and make the second arrays of doubles.
 */
export class PointReader {
  readonly #scanner = new Scanner();
  readonly #vectors = new VectorReader(this.#scanner);
  readonly #layout: Layout;
  readonly #want: Want;
  readonly #shapes: Map<string, VectorShape>;
  #builder = new BatchBuilder('');
  #points: Omit<Points, 'batch'> = { scores: [], points: [], more: false };

  constructor(layout: Layout, want: Want) {
    this.#layout = layout;
    this.#want = want;
    this.#shapes = new Map(
      layout.vectors.map(({ name, kind, element, dimension }) => [name, { kind, element, dimension }]),
    );
  }

  /** Throws `protocol` (bad_answer). */
  read(text: string): Points {
    this.#builder = new BatchBuilder('');
    this.#points = { scores: [], points: [], more: false };
    const scanner = this.#scanner.load(text);
    try {
      this.#object(0, key => {
        if (key !== 'result') return false;
        if (scanner.peek() === 91) this.#list(1);
        else {
          this.#object(1, inner => {
            if (inner === 'points') this.#list(2);
            else if (inner === 'next_page_offset') this.#points.more = scanner.skip(2) !== 'null';
            else return false;
            return true;
          });
        }
        return true;
      });
      scanner.finish();
    } catch (error) {
      throw error instanceof VdbError && error.code === 'invalid' ? unreadable(error) : error;
    }
    return { batch: this.#builder.finish(), ...this.#points };
  }

  /** `member` reads the value, or answers false. */
  #object(depth: number, member: (key: string) => boolean): void {
    const scanner = this.#scanner;
    if (!scanner.open(123, depth)) return;
    const keys = new Keys();
    do if (!member(scanner.key(keys))) scanner.skip(depth + 1);
    while (scanner.more(125));
  }

  #list(depth: number): void {
    if (!this.#scanner.open(91, depth)) return;
    do this.#point(depth + 1);
    while (this.#scanner.more(93));
  }

  #point(depth: number): void {
    const scanner = this.#scanner;
    let point: Id | undefined;
    let span: readonly [number, number] | undefined;
    let members: PayloadMember[] = [];
    let vectors: VectorDraft[] = [];
    let score: number | undefined;
    this.#vectors.reset();
    this.#object(depth, key => {
      const next = scanner.peek();
      if (key === 'id') {
        if (next === 34) {
          scanner.string();
          point = scanner.value();
        } else {
          scanner.number();
          point = BigInt(scanner.token());
        }
      } else if (key === 'payload' && next === 123) {
        members = this.#payload();
        span = [scanner.start, scanner.end];
      } else if (key === 'vector' && next === 123) vectors = this.#named(depth);
      else if (key === 'vector' && next === 91) vectors = [this.#vector('')];
      else if (key === 'score') {
        score = scanner.skip(depth) === 'null' ? Number.NaN : Number(scanner.token());
      } else return false;
      return true;
    });
    if (point === undefined) throw scanner.fail('a point has no id');
    const native = point;
    const parts = fromPayload(
      scanner.text,
      span ?? [0, 0],
      members,
      this.#layout.documentKey,
      mark => markedId(native, mark) !== undefined,
    );
    const record = {
      id: parts.mark === undefined ? native : markedId(native, parts.mark)!,
      partition: '',
      metadata: this.#want.metadata && span ? parts.metadata : undefined,
      document: this.#want.document ? parts.document : undefined,
      uri: this.#want.document ? parts.uri : undefined,
      vectors,
    };
    this.#builder.add(record, this.#shapes, this.#vectors.pool);
    this.#points.points.push(native);
    if (score !== undefined) this.#points.scores.push(score);
  }

  /** Leaves the whole payload as the scanner's token. Its depth is counted from itself. */
  #payload(): PayloadMember[] {
    const scanner = this.#scanner;
    const start = scanner.pos;
    const members: PayloadMember[] = [];
    if (scanner.open(123, 0)) {
      const keys = new Keys();
      do {
        scanner.peek();
        const from = scanner.pos;
        const key = scanner.key(keys);
        const kind = scanner.skip(1);
        members.push({ key, kind, from, start: scanner.start, end: scanner.end });
      } while (scanner.more(125));
    }
    scanner.start = start;
    scanner.end = scanner.pos;
    return members;
  }

  #named(depth: number): VectorDraft[] {
    const drafts: VectorDraft[] = [];
    this.#object(depth + 1, name => {
      drafts.push(this.#vector(name));
      return true;
    });
    return drafts;
  }

  #vector(name: string): VectorDraft {
    const shape = this.#shapes.get(name);
    const draft = this.#vectors.read(name, shape?.kind, shape?.element ?? 'f32');
    if (draft === null) throw this.#scanner.fail('a vector is null');
    // An empty multi-vector has no dimension of its own.
    const fits = shape?.kind === draft.kind && (draft.dimension === null || draft.dimension === shape.dimension);
    if (!fits)
      throw new VdbError('busy', `the vectors of '${this.#layout.name}' changed meanwhile`, { hint: 'Try again.' });
    return draft;
  }
}

function unreadable(error: VdbError): VdbError {
  return new VdbError('protocol', 'the answer of the server cannot be read', {
    reason: 'bad_answer',
    cause: error.message,
    hint: 'A component of a vector may be infinite, or a proxy may have cut the answer.',
  });
}
