import { Worker } from 'node:worker_threads';
import { type BatchDigests, digestBatch } from '../../model/digest.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch } from '../../model/record.ts';
import type { DigestAnswer, DigestQuestion } from './digestWorker.ts';

/** A batch up to this many bytes is digested at once where it is: cheaper than starting a worker, and too short to be felt. */
const INLINE_BYTES = 64 * 1024;

interface Seat {
  worker: Worker;
  waiting: Map<number, { resolve(digests: BatchDigests): void; reject(error: Error): void }>;
}

/** Digests batches in worker threads, so that the daemon answers meanwhile. Workers start with the first large batch. */
export class DigestPool {
  readonly #size: number;
  readonly #seats: Seat[] = [];
  #number = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The batch may be changed or given away as soon as this has returned its promise. Throws `internal`. */
  digest(batch: RecordBatch): Promise<BatchDigests> {
    if (batch.bytes <= INLINE_BYTES) return Promise.resolve(digestBatch(batch));
    const seat = this.#idlest();
    const question: DigestQuestion = { number: ++this.#number, batch };
    return new Promise((resolve, reject) => {
      seat.waiting.set(question.number, { resolve, reject });
      seat.worker.postMessage(question);
    });
  }

  /** Starts all workers now, so that they are ready when the first batches come. */
  warm(): void {
    while (this.#seats.length < this.#size) this.#seats.push(open());
  }

  async close(): Promise<void> {
    await Promise.all(this.#seats.splice(0).map(seat => seat.worker.terminate()));
  }

  #idlest(): Seat {
    const idlest = this.#seats.toSorted((a, b) => a.waiting.size - b.waiting.size)[0];
    if (idlest && (idlest.waiting.size === 0 || this.#seats.length === this.#size)) return idlest;
    const seat = open();
    this.#seats.push(seat);
    return seat;
  }
}

function open(): Seat {
  const file = import.meta.url.endsWith('.ts') ? './digestWorker.ts' : './digestWorker.js';
  const seat: Seat = { worker: new Worker(new URL(file, import.meta.url)), waiting: new Map() };
  seat.worker.on('message', (answer: DigestAnswer) => {
    const waiter = seat.waiting.get(answer.number);
    seat.waiting.delete(answer.number);
    if ('digests' in answer) waiter?.resolve(answer.digests);
    else waiter?.reject(new VdbError('internal', `a batch could not be digested: ${answer.error}`));
  });
  const end = (error: Error) => {
    for (const waiter of seat.waiting.values()) waiter.reject(error);
    seat.waiting.clear();
  };
  seat.worker.on('error', error => end(new VdbError('internal', `the digest worker failed: ${error.message}`)));
  seat.worker.on('exit', () => end(new VdbError('internal', 'the digest worker ended')));
  return seat;
}
