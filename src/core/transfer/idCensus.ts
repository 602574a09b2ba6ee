import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { type Id, type IdKind, idKind } from '../../model/id.ts';

const SHARDS = 256;

/**
 * Kinds, lengths and doubles of a collection's ids, at 8 bytes a record: ids are kept as 64-bit hashes. Two ids of one hash are
 * reported as suspects, so that a second look can tell a double from a collision (1 M ids: 3 in 100 million).
 */
export class IdCensus {
  readonly kinds: Partial<Record<IdKind, number>> = {};
  count = 0;
  readonly #shards = Array.from({ length: SHARDS }, () => ({ hashes: new BigUint64Array(64), count: 0 }));

  add(id: Id, partition: string): void {
    const kind = idKind(id);
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    this.count++;
    const hash = hash64(id, partition);
    const shard = this.#shards[Number(hash & 255n)]!;
    if (shard.count === shard.hashes.length) {
      const larger = new BigUint64Array(shard.count * 2);
      larger.set(shard.hashes);
      shard.hashes = larger;
    }
    shard.hashes[shard.count++] = hash;
  }

  /** Hashes that more than one record has. Sorts shard by shard, so that other work goes on. */
  async doubles(): Promise<Set<bigint>> {
    const found = new Set<bigint>();
    for (const shard of this.#shards) {
      const hashes = shard.hashes.subarray(0, shard.count).sort();
      for (let i = 1; i < hashes.length; i++) if (hashes[i] === hashes[i - 1]) found.add(hashes[i]!);
      if (shard.count > 1000) await yieldToOthers();
    }
    return found;
  }
}

const words = new Uint32Array(2);
const word = new BigUint64Array(words.buffer);

/** Two 32-bit multiply-xor lanes with a final mix; integers and texts never share an input. */
export function hash64(id: Id, partition: string): bigint {
  const own = typeof id === 'bigint' ? `\u0000${id}` : id;
  const text = partition === '' ? own : `${partition}\u0001${own}`;
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  words[0] = a;
  words[1] = b;
  return word[0]!;
}
