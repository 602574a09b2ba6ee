import type { Query } from '@lancedb/lancedb';
import type { RecordBatch } from 'apache-arrow';

/**
 * The query's rows in batches of at most `rows`. The SDK's own iteration gives batches of 8,192, which is 100 MB of 3,072-d
 * vectors; the method that takes a length is public in JavaScript, and `protected` in its declarations only (0.37.1).
 */
export function stream(query: Query, rows: number): AsyncIterable<RecordBatch> {
  return (query as unknown as Streaming).execute({ maxBatchLength: rows });
}

interface Streaming {
  execute(options: { maxBatchLength: number }): AsyncIterable<RecordBatch>;
}
