import { hash } from 'node:crypto';
import { type Id, idKey } from '../../model/id.ts';

/** 96 bits of a digest: that two of 100 million ids share them has a probability of 10^-13. */
const WORDS = 3;
const FIRST_SLOTS = 4096;

/** Ids that came already, at 16 to 32 bytes each: a table of digests that is at most three quarters full. */
export class SeenIds {
  #table = new Uint32Array(FIRST_SLOTS * WORDS);
  #count = 0;

  /** False when it came before. */
  add(id: Id, partition: string): boolean {
    const bits = hash('sha256', `${partition.length} ${partition}${idKey(id)}`, 'binary');
    // A slot of zeros is free.
    const added = put(this.#table, word(bits, 0) || 1, word(bits, 4), word(bits, 8));
    if (added && ++this.#count * WORDS * 4 > this.#table.length * 3) this.#grow();
    return added;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2);
    for (let at = 0; at < this.#table.length; at += WORDS) {
      if (this.#table[at] !== 0) put(larger, this.#table[at]!, this.#table[at + 1]!, this.#table[at + 2]!);
    }
    this.#table = larger;
  }
}

/** False when it is there. */
function put(table: Uint32Array, a: number, b: number, c: number): boolean {
  const mask = table.length / WORDS - 1;
  for (let slot = b & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (table[at] === 0) {
      table[at] = a;
      table[at + 1] = b;
      table[at + 2] = c;
      return true;
    }
    if (table[at] === a && table[at + 1] === b && table[at + 2] === c) return false;
  }
}

function word(bits: string, at: number): number {
  const low = bits.charCodeAt(at) | (bits.charCodeAt(at + 1) << 8);
  return (low | (bits.charCodeAt(at + 2) << 16) | (bits.charCodeAt(at + 3) << 24)) >>> 0;
}
