import type { Call, ScanPage, ScanRequest } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import type { RecordBatch } from '../../model/record.ts';
import { type Answer, readAnswer } from './answer.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { behind, cursorOf, markOf, placeOfCursor, type ScanPlace, START } from './cursor.ts';
import { readIds } from './ids.ts';
import { bodyOf, idsOf, type Query, queryOf } from './query.ts';
import { bareRecords, includeFor, readRecords, wantsNothing } from './recordReader.ts';

/** Records of the first page, whose size is not known yet. */
const FIRST = 256;
/** Ids that are looked through at a time for a place that moved. */
const WINDOW = 5_000;

/**
 * Pages in the order of insertion, by offset: the server has no other way to walk. Each page is asked for with the record before
 * it, so that a shift is seen, and the place is then found again by the marks of the cursor. The promise: a record that
 * is neither written nor removed while the scan goes on comes once. One that is written anew moves to the end and may come
 * twice; when all records that the cursor knows are gone, the scan begins anew rather than skip one.
 */
export async function* scan(
  server: Server,
  collection: Collection,
  request: ScanRequest,
  call: Call,
): AsyncGenerator<ScanPage> {
  const query = await queryOf(server, collection, request.filter, call);
  if (query === null) return;
  const ahead = new AbortController();
  const reader = new PageReader(server, collection, query, request, {
    ...call,
    signal: AbortSignal.any([call.signal, ahead.signal]),
  });
  try {
    let place = request.after === undefined ? START : placeOfCursor(request.after);
    let left = request.limit ?? Number.POSITIVE_INFINITY;
    let rows = Math.min(FIRST, request.batchRecords);
    let next = reader.read(place, Math.min(rows, left));
    for (;;) {
      const page = await next;
      if (page.batch.count === 0) return;
      const asked = Math.min(rows, left);
      left -= page.batch.count;
      const last = page.end || left <= 0;
      const end = behind(page.place, page.texts);
      const recordBytes = Math.max(1, page.batch.bytes / page.batch.count);
      rows = Math.max(1, Math.min(request.batchRecords, Math.floor(request.batchBytes / recordBytes), asked * 8));
      if (!last) {
        next = reader.read(end, Math.min(rows, left));
        // Nobody waits for it when the scan ends early.
        next.catch(() => undefined);
      }
      place = page.place;
      for (const { batch, texts } of parts(page, request.batchBytes)) {
        place = behind(place, texts);
        yield { batch, cursor: cursorOf(place) };
      }
      if (last) return;
    }
  } finally {
    ahead.abort();
  }
}

interface Page {
  batch: RecordBatch;
  /** Ids as they are stored. */
  texts: string[];
  /** Where the page really began. */
  place: ScanPlace;
  /** There is nothing behind it. */
  end: boolean;
}

class PageReader {
  readonly #server: Server;
  readonly #collection: Collection;
  readonly #query: Query;
  readonly #request: ScanRequest;
  readonly #call: Call;

  constructor(server: Server, collection: Collection, query: Query, request: ScanRequest, call: Call) {
    this.#server = server;
    this.#collection = collection;
    this.#query = query;
    this.#request = request;
    this.#call = call;
  }

  async read(place: ScanPlace, rows: number): Promise<Page> {
    const page = await this.#at(place, rows);
    if (page !== null) return page;
    // Should it move again between the requests, everything comes once more.
    return (await this.#at(await this.#find(place), rows)) ?? (await this.#at(START, rows))!;
  }

  /** The page behind `place`; null when another record stands before it than should. */
  async #at(place: ScanPlace, rows: number): Promise<Page | null> {
    const { link, root } = this.#server;
    const { want } = this.#request;
    // Metadata costs fifteen times what ids do (10,000 records: 1.1 s and 70 ms; Chroma 1.5.9).
    const bare = wantsNothing(want);
    const before = place.offset === 0 ? 0 : 1;
    const window = { limit: rows + before, offset: place.offset - before, include: bare ? [] : includeFor(want) };
    const path = operation(root, this.#collection, 'get');
    const answer = readAnswer(await link.send('POST', path, bodyOf(this.#query, window), this.#call));
    if (before === 1 && (answer.ids.length === 0 || markOf(answer.ids[0]!) !== place.marks.at(-1))) return null;
    const page = before === 1 ? withoutFirst(answer) : answer;
    return {
      batch: bare
        ? bareRecords(await readIds(this.#server, this.#collection, page.ids, this.#call))
        : readRecords(page, want),
      texts: page.ids,
      place,
      end: page.ids.length < rows,
    };
  }

  /** Where the last record that came and still is there stands now: further to the beginning, as others were removed. */
  async #find({ offset, marks }: ScanPlace): Promise<ScanPlace> {
    for (let end = offset; end > 0; end -= WINDOW) {
      const from = Math.max(0, end - WINDOW);
      const window = { limit: end - from, offset: from };
      const found = (await idsOf(this.#server, this.#collection, this.#query, this.#call, window)).map(markOf);
      for (let i = found.length - 1; i >= 0; i--) {
        const known = marks.lastIndexOf(found[i]!);
        // One that stands further back than it did was written anew, and says nothing.
        if (known < 0 || from + i > offset - (marks.length - known)) continue;
        return { offset: from + i + 1, marks: marks.slice(0, known + 1) };
      }
    }
    return START;
  }
}

function withoutFirst(answer: Answer): Answer {
  return {
    ...answer,
    ids: answer.ids.slice(1),
    metadatas: answer.metadatas.slice(1),
    documents: answer.documents.slice(1),
    uris: answer.uris.slice(1),
    embeddings: answer.embeddings?.slice(answer.dimension),
  };
}

/** A page larger than asked for (records grow along the collection) goes out in parts. */
function* parts({ batch, texts }: Page, batchBytes: number): Generator<{ batch: RecordBatch; texts: string[] }> {
  const count = Math.min(batch.count, Math.ceil(batch.bytes / (1.5 * batchBytes)));
  if (count <= 1) return yield { batch, texts };
  for (let part = 0; part < count; part++) {
    const from = Math.floor((part * batch.count) / count);
    const to = Math.floor(((part + 1) * batch.count) / count);
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    yield { batch: selectRows(batch, rows), texts: texts.slice(from, to) };
  }
}
