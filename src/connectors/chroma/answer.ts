import { VdbError } from '../../model/errors.ts';
import { NumberPool } from '../../model/json/numberPool.ts';
import { Keys, Scanner } from '../../model/json/scanner.ts';
import { badAnswer } from './httpLink.ts';

/** What `get` or `query` answered, in columns by record. */
export interface Answer {
  ids: string[];
  /** JSON text of objects, numbers as the server spelled them; undefined where there is none. */
  metadatas: (string | undefined)[];
  documents: (string | undefined)[];
  uris: (string | undefined)[];
  embeddings: Float32Array | undefined;
  dimension: number;
  /** Undefined where a distance is beyond float32 (the server says null). */
  distances: (number | undefined)[];
}

/** Where the columns stand: `get` answers `{"ids":[…]}`, `query` one such list for each query vector, `{"ids":[[…]]}`. */
type Depth = 1 | 2;

/**
 * Reads an answer token by token: numbers of vectors straight into float32 (they are spelled as the shortest decimals),
 * metadata as slices of the text. JSON.parse would merge 1 with 1.0, round 64-bit integers and hold 2 doubles a float32.
 */
export function readAnswer(text: string, depth: Depth = 1): Answer {
  try {
    return new AnswerReader(text, depth).read();
  } catch (error) {
    throw error instanceof VdbError && error.code === 'invalid' ? badAnswer(error.message) : error;
  }
}

class AnswerReader {
  readonly #scanner = new Scanner();
  readonly #depth: Depth;
  readonly #text: string;

  constructor(text: string, depth: Depth) {
    this.#text = text;
    this.#depth = depth;
    this.#scanner.load(text);
  }

  read(): Answer {
    const scanner = this.#scanner;
    const answer: Answer = {
      ...{ ids: [], metadatas: [], documents: [], uris: [], distances: [] },
      ...{ embeddings: undefined, dimension: 0 },
    };
    const keys = new Keys();
    if (scanner.open(123, 0)) {
      do {
        const key = scanner.key(keys);
        if (key === 'ids') answer.ids = this.#column(() => this.#string()) as string[];
        else if (key === 'documents' || key === 'uris') answer[key] = this.#column(() => this.#string());
        else if (key === 'metadatas') answer.metadatas = this.#column(() => this.#slice());
        else if (key === 'distances') answer.distances = this.#column(() => scanner.float(true));
        else if (key === 'embeddings') this.#embeddings(answer);
        else scanner.skip(1);
      } while (scanner.more(125));
    }
    scanner.finish();
    return answer;
  }

  /** The entries of a column; null, as the server says of one that was not asked for, has none. */
  #column<T>(entry: () => T): (T | undefined)[] {
    const found: (T | undefined)[] = [];
    if (this.#isNull()) return found;
    const inner = (): void => {
      if (!this.#scanner.open(91, this.#depth)) return;
      do found.push(this.#isNull() ? undefined : entry());
      while (this.#scanner.more(93));
    };
    if (this.#depth === 1) inner();
    else if (this.#scanner.open(91, 1)) {
      do inner();
      while (this.#scanner.more(93));
    }
    return found;
  }

  #embeddings(answer: Answer): void {
    const scanner = this.#scanner;
    const pool = new NumberPool();
    let rows = 0;
    this.#column(() => {
      const from = pool.used;
      if (scanner.open(91, this.#depth + 1)) scanner.floats(pool);
      if (rows > 0 && pool.used - from !== answer.dimension) throw scanner.fail('vectors of unlike dimensions');
      answer.dimension = pool.used - from;
      rows++;
    });
    if (rows > 0) answer.embeddings = Float32Array.from(pool.values.subarray(0, pool.used));
  }

  #isNull(): boolean {
    if (this.#scanner.peek() !== 110) return false;
    this.#scanner.literal();
    return true;
  }

  #string(): string {
    this.#scanner.peek();
    this.#scanner.string();
    return this.#scanner.value();
  }

  #slice(): string {
    this.#scanner.skip(this.#depth + 1);
    return this.#text.slice(this.#scanner.start, this.#scanner.end);
  }
}
