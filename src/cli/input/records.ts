import { elements } from './elements.ts';
import { lines } from './lines.ts';
import type { RecordText } from './recordText.ts';

/** Without a format, input whose first character is `[` is an array, all other input lines. */
export async function* recordTexts(
  chunks: AsyncIterable<Buffer>,
  format: 'ndjson' | 'json' | undefined,
): AsyncGenerator<RecordText[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let isArray = format === 'json';
  while (format === undefined) {
    const next = await iterator.next();
    if (next.done) break;
    first.push(next.value);
    const character = /[^\s\ufeff]/.exec(next.value.toString('utf8'))?.[0];
    isArray = character === '[';
    if (character !== undefined) break;
  }
  yield* (isArray ? elements : lines)(joined(first, iterator));
}

async function* joined(first: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* { [Symbol.asyncIterator]: () => rest };
}
