import { checkLength, type RecordText, recordText } from './recordText.ts';

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from('\ufeff');

/**
 * The lines of NDJSON, as many at a time as have arrived. Blank ones are left out but counted; the last may lack its end.
 * A faulty line throws `invalid` after the lines before it were given.
 */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RecordText[]> {
  const cutter = new LineCutter();
  for await (const chunk of chunks) {
    const { found, fault } = cutter.push(chunk);
    if (found.length > 0) yield found;
    if (fault) throw fault;
  }
  const last = cutter.end();
  if (last) yield [last];
}

class LineCutter {
  #rest: Buffer[] = [];
  #restBytes = 0;
  #number = 0;

  push(chunk: Buffer): { found: RecordText[]; fault?: unknown } {
    const found: RecordText[] = [];
    try {
      let start = 0;
      for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
        const text = this.#line(chunk.subarray(start, end));
        if (text) found.push(text);
        start = end + 1;
      }
      if (start < chunk.length) {
        this.#rest.push(chunk.subarray(start));
        this.#restBytes += chunk.length - start;
        checkLength(this.#restBytes, this.#number + 1, `line ${this.#number + 1}`);
      }
    } catch (fault) {
      return { found, fault };
    }
    return { found };
  }

  end(): RecordText | undefined {
    return this.#line(Buffer.alloc(0));
  }

  #line(piece: Buffer): RecordText | undefined {
    const line = this.#restBytes === 0 ? piece : Buffer.concat([...this.#rest, piece]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#number++;
    return lineText(line, this.#number);
  }
}

function lineText(line: Buffer, number: number): RecordText | undefined {
  let bytes = line;
  if (number === 1 && bytes.subarray(0, 3).equals(BOM)) bytes = bytes.subarray(3);
  if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
  const record = recordText(bytes, number, `line ${number}`);
  return /^[ \t\r]*$/.test(record.text) ? undefined : record;
}
