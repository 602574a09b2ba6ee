import type { BatchLine } from './journalLine.ts';

/** Lets acknowledgements of a range through in the order of n, whichever writer was first: each waits for its predecessors. */
export class AckOrder {
  readonly #next: Map<number, number>;
  readonly #early = new Map<string, BatchLine>();

  /** @param next by range, the first n to come (0 when not given) */
  constructor(next: Map<number, number>) {
    this.#next = new Map(next);
  }

  /** The lines that this acknowledgement completes, in order; empty when one before it is still missing. */
  take(line: BatchLine): BatchLine[] {
    this.#early.set(`${line.range} ${line.n}`, line);
    const ready: BatchLine[] = [];
    for (let n = this.#next.get(line.range) ?? 0; ; n++) {
      const key = `${line.range} ${n}`;
      const next = this.#early.get(key);
      if (!next) {
        this.#next.set(line.range, n);
        return ready;
      }
      this.#early.delete(key);
      ready.push(next);
    }
  }
}
