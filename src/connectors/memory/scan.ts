import type { ScanPage, ScanRequest } from '../../core/connector.ts';
import { matching } from './matching.ts';
import { readRecords } from './recordReader.ts';
import type { Collection } from './store.ts';

/** In the order of the ids' keys, so that a cursor (the last key) holds whatever is written meanwhile. */
export async function* scan({ rows, spec }: Collection, request: ScanRequest): AsyncGenerator<ScanPage> {
  const matches = matching(request.filter);
  const after = request.after as string | undefined;
  const sorted = [...rows]
    .filter(([key, row]) => (after === undefined || key > after) && matches(row))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, request.limit);
  let start = 0;
  while (start < sorted.length) {
    let [end, bytes] = [start, 0];
    do bytes += sorted[end++]![1].bytes;
    while (end < sorted.length && end - start < request.batchRecords && bytes < request.batchBytes);
    const page = sorted.slice(start, end);
    yield {
      batch: readRecords(
        page.map(([, row]) => row),
        spec.vectors,
        request.want,
      ),
      cursor: page.at(-1)![0],
    };
    start = end;
  }
}
