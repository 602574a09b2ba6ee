import type { Call } from '../../core/connector.ts';
import type { IndexInfo } from './indexInfo.ts';
import { partitionOf } from './namespaces.ts';
import { pause } from './pause.ts';
import type { DataPlane } from './wire/dataPlane.ts';

const POLL_MS = 10;
const MOST_POLL_MS = 1_000;

/**
 * Which of our writes reads may not show yet. A write answers with its log sequence number, a query with the highest one that
 * it sees; both count per namespace (docs.pinecone.io, check data freshness).
 */
export class Freshness {
  readonly #pending = new Map<string, { url: string; partition: string; lsn: bigint }>();

  wrote(url: string, partition: string, lsn: bigint): void {
    const place = partitionOf(partition);
    const key = keyOf(url, place);
    const known = this.#pending.get(key);
    if (!known || known.lsn < lsn) this.#pending.set(key, { url, partition: place, lsn });
  }

  /** Namespaces of an index that a read may see too old. */
  pending(info: IndexInfo): string[] {
    return [...this.#pending.values()].filter(({ url }) => url === info.url).map(({ partition }) => partition);
  }

  forget(info: IndexInfo, partition?: string): void {
    for (const place of partition === undefined ? this.pending(info) : [partition]) {
      this.#pending.delete(keyOf(info.url, place));
    }
  }

  /** Waits until reads of these partitions (all by default) show what was written; false when they did not within `waitMs`. */
  async settle(
    data: DataPlane,
    info: IndexInfo,
    call: Call,
    { partitions, waitMs }: { partitions?: string[]; waitMs: number },
  ): Promise<boolean> {
    const end = performance.now() + waitMs;
    for (const partition of partitions ?? this.pending(info)) {
      for (
        let wait = POLL_MS;
        !(await this.#shows(data, info, partition, call));
        wait = Math.min(wait * 2, MOST_POLL_MS)
      ) {
        if (performance.now() + wait > end) return false;
        await pause(wait, call.signal);
      }
    }
    return true;
  }

  async #shows(data: DataPlane, info: IndexInfo, partition: string, call: Call): Promise<boolean> {
    const key = keyOf(info.url, partition);
    const written = this.#pending.get(key);
    if (!written) return true;
    const probe =
      info.kind === 'dense'
        ? { vector: Array.from({ length: info.dimension! }, (_, i) => (i === 0 ? 1 : 0)) }
        : { sparseVector: { indices: [0], values: [1] } };
    const body = { topK: 1, includeValues: false, includeMetadata: false, ...probe };
    const { headers } = await data.query(info.url, partition, body, call);
    const shown = headers['x-pinecone-max-indexed-lsn'];
    // A server that does not say cannot be waited for.
    const visible = typeof shown !== 'string' || !/^\d+$/.test(shown) || BigInt(shown) >= written.lsn;
    if (visible && this.#pending.get(key) === written) this.#pending.delete(key);
    return visible && !this.#pending.has(key);
  }
}

function keyOf(url: string, partition: string): string {
  return `${url} ${partition}`;
}
