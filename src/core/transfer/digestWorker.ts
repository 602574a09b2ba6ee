import { parentPort } from 'node:worker_threads';
import { type BatchDigests, digestBatch } from '../../model/digest.ts';
import type { RecordBatch } from '../../model/record.ts';

/** Digests batches off the daemon's thread; answers carry the question's number. */
export interface DigestQuestion {
  number: number;
  batch: RecordBatch;
}

export type DigestAnswer = { number: number; digests: BatchDigests } | { number: number; error: string };

parentPort!.on('message', ({ number, batch }: DigestQuestion) => {
  let answer: DigestAnswer;
  try {
    answer = { number, digests: digestBatch(batch) };
  } catch (error) {
    answer = { number, error: error instanceof Error ? error.message : String(error) };
  }
  const buffers = 'digests' in answer ? [answer.digests.content, answer.digests.vector, answer.digests.bucket] : [];
  parentPort!.postMessage(
    answer,
    buffers.map(view => view.buffer as ArrayBuffer),
  );
});
