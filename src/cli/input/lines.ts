import { checkLength, type RecordText, recordText } from './recordText.ts';

const LF = 0x0a;
const CR = 0x0d;
const BOM = Buffer.from('\ufeff');

/** The lines of NDJSON, as many at a time as have arrived. Blank ones are left out but counted; the last may lack its end. */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncGenerator<RecordText[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  for await (const chunk of chunks) {
    const found: RecordText[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      const piece = chunk.subarray(start, end);
      const line = restBytes === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      restBytes = 0;
      start = end + 1;
      number++;
      const text = lineText(line, number);
      if (text) found.push(text);
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restBytes += chunk.length - start;
      checkLength(restBytes, `line ${number + 1}`);
    }
    if (found.length > 0) yield found;
  }
  const text = lineText(Buffer.concat(rest), number + 1);
  if (text) yield [text];
}

function lineText(line: Buffer, number: number): RecordText | undefined {
  let bytes = line;
  if (number === 1 && bytes.subarray(0, 3).equals(BOM)) bytes = bytes.subarray(3);
  if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
  const record = recordText(bytes, number, `line ${number}`);
  return /^[ \t\r]*$/.test(record.text) ? undefined : record;
}
