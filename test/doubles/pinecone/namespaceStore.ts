import type { Metadata } from './matchFilter.ts';

export interface StoredVector {
  id: string;
  /** Empty in sparse indexes. */
  values: Float32Array;
  sparse?: { indices: number[]; values: Float32Array };
  metadata?: Metadata;
}

type Change = (records: Map<string, StoredVector>) => void;

/** Records of one namespace, shown to reads only some time after they were written. */
export class NamespaceStore {
  readonly #records = new Map<string, StoredVector>();
  #waiting: { lsn: number; at: number; change: Change }[] = [];
  #lsn = 0;
  #indexed = 0;

  /** The log sequence number of the change. */
  write(change: Change): number {
    this.#waiting.push({ lsn: ++this.#lsn, at: performance.now(), change });
    return this.#lsn;
  }

  /** What reads see of writes older than `staleMs`, and up to which number. */
  read(staleMs: number): { records: Map<string, StoredVector>; lsn: number } {
    const until = performance.now() - staleMs;
    while (this.#waiting.length > 0 && this.#waiting[0]!.at <= until) {
      const { change, lsn } = this.#waiting.shift()!;
      change(this.#records);
      this.#indexed = lsn;
    }
    return { records: this.#records, lsn: this.#indexed };
  }
}
