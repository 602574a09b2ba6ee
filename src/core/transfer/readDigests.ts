import type { BatchDigests } from '../../model/digest.ts';
import { Fingerprint } from '../../model/fingerprint.ts';
import { type RecordBatch, WANT_ALL, type Want } from '../../model/record.ts';
import type { Call } from '../connector.ts';
import type { DigestPool } from './digestPool.ts';
import { readMapped, type Side } from './readMapped.ts';

/** Batches that are digested while the next ones are read. */
const AHEAD = 3;

/** Reads a side once and gives each batch with its digests, in order. */
export async function readDigests(
  side: Side,
  want: Want,
  pool: DigestPool,
  call: Call,
  use: (batch: RecordBatch, digests: BatchDigests) => void,
): Promise<void> {
  const ahead: { batch: RecordBatch; digests: Promise<BatchDigests> }[] = [];
  const take = async (): Promise<void> => {
    const { batch, digests } = ahead.shift()!;
    use(batch, await digests);
  };
  try {
    for await (const { batch } of readMapped(side, { want }, call)) {
      if (batch.count === 0) continue;
      const digests = pool.digest(want.vectors === false ? { ...batch, vectors: [] } : batch);
      ahead.push({ batch, digests });
      if (ahead.length > AHEAD) await take();
    }
    while (ahead.length > 0) await take();
  } finally {
    await Promise.allSettled(ahead.map(({ digests }) => digests));
  }
}

/** The fingerprint of a side, mapped and filtered. */
export async function readFingerprint(
  side: Side,
  pool: DigestPool,
  call: Call,
  { want = WANT_ALL, onRead }: { want?: Want; onRead?: ((records: number) => void) | undefined } = {},
): Promise<Fingerprint> {
  const fingerprint = new Fingerprint();
  await readDigests(side, want, pool, call, (batch, digests) => {
    fingerprint.add(digests);
    onRead?.(batch.count);
  });
  return fingerprint;
}
