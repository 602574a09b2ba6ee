import { type BatchDigests, DIGEST_BYTES } from './digest.ts';
import { addDigest, addSum, sumHex } from './sum128.ts';

export { addHex } from './sum128.ts';

/** A fingerprint's numbers, as they cross threads: per bucket a count and four 32-bit words of each sum. */
export interface FingerprintState {
  counts: Float64Array;
  content: Uint32Array;
  vector: Uint32Array;
}

/**
 * Order-free, mergeable digest of a collection: 4,096 buckets, each with a count and the sums mod 2^128 of its records'
 * content and vector digests (numbers, most significant byte first). Not xor: a record doubled would cancel out.
 */
export class Fingerprint {
  static readonly BUCKETS = 4096;

  /** Live, not a copy; can be posted to another thread and given to `fromState` there. */
  readonly state: FingerprintState;

  constructor(state: FingerprintState = emptyState()) {
    this.state = state;
  }

  static fromState(state: FingerprintState): Fingerprint {
    return new Fingerprint(state);
  }

  add(digests: BatchDigests): void {
    const { counts, content, vector } = this.state;
    for (let row = 0; row < digests.count; row++) {
      const bucket = digests.bucket[row]!;
      counts[bucket]!++;
      addDigest(content, bucket * 4, digests.content, row * DIGEST_BYTES);
      addDigest(vector, bucket * 4, digests.vector, row * DIGEST_BYTES);
    }
  }

  /** Adds another collection part's sums. */
  merge(other: Fingerprint): void {
    for (let bucket = 0; bucket < Fingerprint.BUCKETS; bucket++) {
      this.state.counts[bucket]! += other.state.counts[bucket]!;
      addSum(this.state.content, bucket * 4, other.state.content, bucket * 4);
      addSum(this.state.vector, bucket * 4, other.state.vector, bucket * 4);
    }
  }

  get count(): number {
    return this.state.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Sums over all buckets as 32 hex digits. */
  get content(): string {
    return total(this.state.content);
  }

  get vector(): string {
    return total(this.state.vector);
  }

  /** `vdb1:<count>:<content>:<vectors>` */
  toString(): string {
    return `vdb1:${this.count}:${this.content}:${this.vector}`;
  }

  /** Buckets that differ from the other's in count, content or (unless `contentOnly`) vectors. */
  differingBuckets(other: Fingerprint, contentOnly = false): number[] {
    const differing: number[] = [];
    for (let bucket = 0; bucket < Fingerprint.BUCKETS; bucket++) {
      const same =
        this.state.counts[bucket] === other.state.counts[bucket] &&
        sameSum(this.state.content, other.state.content, bucket) &&
        (contentOnly || sameSum(this.state.vector, other.state.vector, bucket));
      if (!same) differing.push(bucket);
    }
    return differing;
  }
}

/** The sums of one batch's digests, 32 hex digits each, as a journal line holds them; lines add up with `addHex`. */
export function sumDigests(digests: BatchDigests): { content: string; vector: string } {
  const content = new Uint32Array(4);
  const vector = new Uint32Array(4);
  for (let row = 0; row < digests.count; row++) {
    addDigest(content, 0, digests.content, row * DIGEST_BYTES);
    addDigest(vector, 0, digests.vector, row * DIGEST_BYTES);
  }
  return { content: sumHex(content, 0), vector: sumHex(vector, 0) };
}

function emptyState(): FingerprintState {
  return {
    counts: new Float64Array(Fingerprint.BUCKETS),
    content: new Uint32Array(Fingerprint.BUCKETS * 4),
    vector: new Uint32Array(Fingerprint.BUCKETS * 4),
  };
}

function total(sums: Uint32Array): string {
  const sum = new Uint32Array(4);
  for (let at = 0; at < sums.length; at += 4) addSum(sum, 0, sums, at);
  return sumHex(sum, 0);
}

function sameSum(a: Uint32Array, b: Uint32Array, bucket: number): boolean {
  for (let i = bucket * 4; i < bucket * 4 + 4; i++) if (a[i] !== b[i]) return false;
  return true;
}
