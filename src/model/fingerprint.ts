import type { BatchDigests } from './digest.ts';

/**
 * Order-free, mergeable digest of a collection: 4,096 buckets, each with a count and the sums mod 2^128 of its records'
 * content and vector digests. Not xor: a record doubled would cancel out.
 */
export class Fingerprint {
  static readonly BUCKETS = 4096;

  add(_digests: BatchDigests): void {
    throw new Error('pending');
  }

  /** Adds another collection part's sums. */
  merge(_other: Fingerprint): void {
    throw new Error('pending');
  }

  get count(): number {
    throw new Error('pending');
  }

  /** Sums over all buckets as 32 hex digits. */
  get content(): string {
    throw new Error('pending');
  }

  get vector(): string {
    throw new Error('pending');
  }

  /** `vdb1:<count>:<content>:<vectors>` */
  toString(): string {
    throw new Error('pending');
  }

  /** Buckets that differ from the other's in count, content or (unless `contentOnly`) vectors. */
  differingBuckets(_other: Fingerprint, _contentOnly?: boolean): number[] {
    throw new Error('pending');
  }
}
