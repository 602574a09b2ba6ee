import { LONGEST_TEXT_BYTES, type RecordText } from './recordText.ts';

/** Records of a slow source are not kept waiting for company longer than this. */
const IDLE_MS = 250;

/** What one `record.upsert` carries: texts whose numbers follow each other without a gap. */
export interface CallLines {
  lines: string[];
  firstLine: number;
}

/** Groups record texts into calls of at most 4 MiB. A fault of the source is thrown after what came before it. */
export async function* calls(texts: AsyncIterable<RecordText[]>): AsyncGenerator<CallLines> {
  let waiting: RecordText[] = [];
  let bytes = 0;
  const take = (): CallLines => {
    const call = { lines: waiting.map(({ text }) => text), firstLine: waiting[0]!.number };
    waiting = [];
    bytes = 0;
    return call;
  };
  const iterator = texts[Symbol.asyncIterator]();
  let arriving = arrival(iterator);
  for (;;) {
    const arrived = waiting.length === 0 ? await arriving : await withinIdle(arriving);
    if (arrived === undefined) {
      yield take();
      continue;
    }
    for (const text of arrived.texts) {
      const gap = waiting.length > 0 && waiting.at(-1)!.number + 1 !== text.number;
      if (gap || (waiting.length > 0 && bytes + text.bytes > LONGEST_TEXT_BYTES)) yield take();
      waiting.push(text);
      bytes += text.bytes;
    }
    if (arrived.last) {
      if (waiting.length > 0) yield take();
      if (arrived.fault) throw arrived.fault;
      return;
    }
    arriving = arrival(iterator);
  }
}

interface Arrival {
  texts: RecordText[];
  last: boolean;
  fault?: unknown;
}

async function arrival(iterator: AsyncIterator<RecordText[]>): Promise<Arrival> {
  try {
    const next = await iterator.next();
    return next.done ? { texts: [], last: true } : { texts: next.value, last: false };
  } catch (fault) {
    return { texts: [], last: true, fault };
  }
}

/** Undefined when nothing arrived in time. */
async function withinIdle<T>(arriving: Promise<T>): Promise<T | undefined> {
  const { promise: idle, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), IDLE_MS);
  try {
    return await Promise.race([arriving, idle]);
  } finally {
    clearTimeout(timer);
  }
}
