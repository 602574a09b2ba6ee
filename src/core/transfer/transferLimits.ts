import { DEFAULTS } from '../settings.ts';

/** Numbers of the transfer engine that no setting overrides. */

/** Writers into one target; an exclusive engine has one. */
export const CONCURRENCY = 4;
/** Parts of one source that are read at once, when it has that many records and can be split. */
export const READERS = 2;
export const READERS_FROM = 200_000;
/** How long a cancelled job waits for acknowledgements that are under way. */
export const CANCEL_GRACE_MS = 3000;
/** Vectors compared above that: a defect in one of a thousand is found with a probability of 99.995 %. */
export const SAMPLE_RECORDS = 10_000;
/** Records whose digests a comparison in detail holds at a time. */
export const DETAIL_RECORDS = 250_000;
/** Records that a plan reads for field types when it does not read all. */
export const PLAN_SAMPLE = 2000;
/** Ids that are read at a time to be spooled. */
export const SPOOL_RECORDS = 5000;
/** How long a verification waits for a store to show what was written. */
export const VISIBLE_MS = 30_000;

/** What may differ between two runs of one job. */
export interface Tuning {
  batchBytes: number;
  batchRecords: number;
  /** Between reader and writers. */
  queueBytes: number;
  /** Up to this many records everything is compared when no level was asked for. */
  fullRecords: number;
  /** Differences that are named. */
  differences: number;
  concurrency?: number | undefined;
  /** Records per second at most. */
  rate?: number | undefined;
  /** How long to wait for a store to show what was written. */
  visibleMs: number;
}

export const TUNING: Tuning = {
  batchBytes: DEFAULTS.batchBytes,
  batchRecords: DEFAULTS.batchRecords,
  queueBytes: DEFAULTS.transferQueueBytes,
  fullRecords: 1_000_000,
  differences: DEFAULTS.differencesListed,
  visibleMs: VISIBLE_MS,
};
