import { BatchBuilder, type RecordDraft } from './batchBuilder.ts';
import type { VectorSpec } from './collection.ts';
import { checkElements, type VectorShape } from './columnBuilder.ts';
import { asVdbError, VdbError } from './errors.ts';
import type { Id } from './id.ts';
import { Keys, Scanner } from './json/scanner.ts';
import type { RecordBatch } from './record.ts';
import { label, mismatch, type VectorDraft, VectorReader } from './vectorReader.ts';

export interface ParseOptions {
  /** The collection's vectors, which decide element and kind; a vector not listed is f32. Undefined: infer all from the lines. */
  vectors?: VectorSpec[];
  /** Top-level member that holds the id, `id` by default; with it, unknown members become metadata. */
  idField?: string;
  vectorField?: string;
}

/** A line that is not a record: its index in `lines` and why. */
export class LineFault {
  readonly index: number;
  readonly error: Error;
  constructor(index: number, error: Error) {
    this.index = index;
    this.error = error;
  }
}

/** Members of hits, ignored so that the output of a query can be written back. */
const HIT_MEMBERS = ['score', 'rawScore', 'connection'];

const scanner = new Scanner();
const reader = new VectorReader(scanner);

/**
 * Lines of JSON text (cli.md §5 Records) as one batch per partition, in order; of an id given twice the last wins and takes
 * the place of the first. Every bad line is a fault; `records` counts the good lines including replaced ones.
 *
 * With `idField` or `vectorField` a line is a flat object of someone else's making: besides these two, `document`, `uri`,
 * `partition` and `metadata`, every member becomes a metadata key, in the order in which they stand.
 */
export function parseRecords(
  lines: string[],
  options: ParseOptions,
): { batches: RecordBatch[]; faults: LineFault[]; records: number } {
  const shapes = new Map<string, VectorShape>();
  for (const { name, kind, element, dimension } of options.vectors ?? [])
    shapes.set(name, { kind, element, dimension });
  const builders = new Map<string, BatchBuilder>();
  const faults: LineFault[] = [];
  lines.forEach((line, index) => {
    try {
      const record = readLine(line, options, shapes);
      for (const draft of record.vectors) check(draft, shapes.get(draft.name));
      for (const draft of record.vectors) learn(draft, shapes);
      let builder = builders.get(record.partition);
      if (builder === undefined) {
        builder = new BatchBuilder(record.partition);
        builders.set(record.partition, builder);
      }
      builder.add(record, shapes, reader.pool);
    } catch (error) {
      faults.push(new LineFault(index, asVdbError(error)));
    }
  });
  const batches = [...builders.values()].map(builder => builder.finish());
  return { batches, faults, records: lines.length - faults.length };
}

function readLine(line: string, options: ParseOptions, shapes: Map<string, VectorShape>): RecordDraft {
  const flat = options.idField !== undefined || options.vectorField !== undefined;
  const idField = options.idField ?? 'id';
  const vectorField = options.vectorField ?? 'vector';
  const vectors = new Map<string, VectorDraft | null>();
  const rest = flat ? new FlatMetadata() : undefined;
  let id: Id | undefined;
  let partition: string | undefined;
  let metadata: string | undefined;
  let document: string | undefined;
  let uri: string | undefined;

  scanner.load(line);
  reader.reset();
  const keys = new Keys();
  if (scanner.open(123, 0)) {
    do {
      const key = scanner.key(keys);
      if (key === idField) id = readId(key);
      else if (key === vectorField) readVector('', vectors, shapes);
      else if (key === 'vectors' && options.vectorField === undefined) readVectors(vectors, shapes);
      else if (key === 'metadata') {
        if (rest) rest.spread();
        else metadata = readMetadata();
      } else if (key === 'document') document = readText(key);
      else if (key === 'uri') uri = readText(key);
      else if (key === 'partition') partition = readText(key);
      else if (rest) rest.take(key);
      else if (HIT_MEMBERS.includes(key)) scanner.skip(1);
      else throw unknownMember(key);
    } while (scanner.more(125));
  }
  scanner.finish();
  if (id === undefined) throw new VdbError('invalid', `the record has no ${JSON.stringify(idField)}`);
  return {
    id,
    partition: partition ?? '',
    metadata: rest ? rest.text() : metadata,
    document,
    uri,
    vectors: [...vectors.values()].filter(draft => draft !== null),
  };
}

function readId(key: string): Id {
  const c = scanner.peek();
  if (c === 34) {
    scanner.string();
    const id = scanner.value();
    if (id === '') throw scanner.fail(`${JSON.stringify(key)} is empty`, undefined, scanner.start - 1);
    return id;
  }
  const start = scanner.pos;
  if (scanner.skip(1) !== 'integer')
    throw scanner.fail(`${JSON.stringify(key)} is neither text nor an integer`, undefined, start);
  return BigInt(scanner.token());
}

function readText(key: string): string | undefined {
  const c = scanner.peek();
  if (c === 34) {
    scanner.string();
    return scanner.value();
  }
  const start = scanner.pos;
  if (scanner.skip(1) !== 'null') throw scanner.fail(`${JSON.stringify(key)} is not text`, undefined, start);
  return undefined;
}

/** The text of an object as it stands, undefined for `{}` and null. */
function readMetadata(): string | undefined {
  scanner.peek();
  const start = scanner.pos;
  // Counted from its own braces on: metadata of the greatest depth must survive being carried in a record.
  const kind = scanner.skip(0);
  if (kind === 'null') return undefined;
  if (kind !== 'object') throw scanner.fail('"metadata" is not an object', undefined, start);
  const text = scanner.token();
  return isEmptyObject(text) ? undefined : text;
}

function isEmptyObject(text: string): boolean {
  return text === '{}' || (text.length < 64 && text.slice(1, -1).trim() === '');
}

function readVectors(into: Map<string, VectorDraft | null>, shapes: Map<string, VectorShape>): void {
  if (scanner.peek() === 110) {
    scanner.literal();
    return;
  }
  if (!scanner.open(123, 1)) return;
  const keys = new Keys();
  do readVector(scanner.key(keys), into, shapes);
  while (scanner.more(125));
}

function readVector(name: string, into: Map<string, VectorDraft | null>, shapes: Map<string, VectorShape>): void {
  if (into.has(name)) throw scanner.fail(`${label(name)} stands twice`, 'duplicate_key');
  const shape = shapes.get(name);
  into.set(name, reader.read(name, shape?.kind, shape?.element ?? 'f32'));
}

/** Checks a vector against the others of its name. */
function check(draft: VectorDraft, shape: VectorShape | undefined): void {
  if (shape === undefined) return;
  if (draft.kind !== shape.kind)
    throw new VdbError('invalid', `${label(draft.name)} is ${draft.kind}, expected ${shape.kind}`);
  if (draft.kind === 'sparse') {
    const last = draft.end > draft.start ? reader.pool[draft.indices + draft.end - draft.start - 1]! : -1;
    if (shape.dimension !== null && last >= shape.dimension) throw mismatch(draft.name, shape.dimension, last + 1);
    return;
  }
  if (draft.dimension !== null && shape.dimension !== null && draft.dimension !== shape.dimension)
    throw mismatch(draft.name, shape.dimension, draft.dimension);
  if (draft.kind === 'dense') checkElements(draft, shape.element, reader.pool);
}

/** The first vector of a name decides for all that follow. */
function learn(draft: VectorDraft, shapes: Map<string, VectorShape>): void {
  const shape = shapes.get(draft.name);
  if (shape === undefined) shapes.set(draft.name, { kind: draft.kind, element: 'f32', dimension: draft.dimension });
  else shape.dimension ??= draft.dimension;
}

/** Gathers the members of a flat line, and those of its `metadata`, into one object's text. */
class FlatMetadata {
  readonly #keys = new Keys();
  readonly #members: string[] = [];

  take(key: string): void {
    scanner.peek();
    const start = scanner.pos;
    if (!this.#keys.add(key))
      throw scanner.fail(`the metadata key ${JSON.stringify(key)} stands twice`, 'duplicate_key');
    scanner.skip(1);
    this.#members.push(`${JSON.stringify(key)}:${scanner.text.slice(start, scanner.pos)}`);
  }

  spread(): void {
    if (scanner.peek() === 110) {
      scanner.literal();
      return;
    }
    if (!scanner.open(123, 0)) return;
    const keys = new Keys();
    do this.take(scanner.key(keys));
    while (scanner.more(125));
  }

  text(): string | undefined {
    return this.#members.length === 0 ? undefined : `{${this.#members.join(',')}}`;
  }
}

function unknownMember(key: string): VdbError {
  return new VdbError('invalid', `a record has no member ${JSON.stringify(key)}`, {
    hint: "Members are id, vector or vectors, metadata, document, uri and partition; for other objects say which member holds the id, '--id-field NAME'.",
  });
}
