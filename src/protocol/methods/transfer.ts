import type { MigrationResult, Plan, TargetMode, Verification, VerifyLevel } from '../../model/transfer.ts';
import type { TargetParams } from './shared.ts';

export type * from '../../model/transfer.ts';

export interface TransferMethods {
  'transfer.plan': { params: MigrateParams; result: Plan };
  /** Runs as a job attached to the caller; cancelling leaves it resumable. Progress counts records. */
  'transfer.migrate': { params: MigrateParams & { plan?: Plan }; result: MigrationResult };
  'transfer.verify': { params: VerifyParams; result: Verification };
  'transfer.fingerprint': {
    params: { target: TargetParams };
    result: { ref: string; count: number; fingerprint: string; elapsedMs: number };
  };
}

export interface MigrateParams {
  source: TargetParams;
  target: TargetParams;
  where?: string;
  mode: TargetMode;
  /** With `append`: replace records that are there already. */
  overwrite: boolean;
  /** Metadata keys renamed on the way: from → to. */
  rename: Record<string, string>;
  batchBytes?: number;
  concurrency?: number;
  /** Records per second at most. */
  rate?: number;
  maxErrors: number;
  /** Absent: `full` up to 1 M records, else ids and content in full and a vector sample. */
  verify?: VerifyLevel;
  /** Ids of accepted findings. */
  acceptLoss: string[];
}

export interface VerifyParams {
  source?: TargetParams;
  target?: TargetParams;
  /** Verifies a job again, with its mapping. */
  job?: string;
  level?: VerifyLevel;
}
