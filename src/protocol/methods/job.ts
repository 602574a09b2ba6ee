import type { ErrorJson } from '../../model/errors.ts';
import type { MigrationResult } from './transfer.ts';

export interface JobMethods {
  'job.list': { params: { state?: JobState }; result: Job[] };
  'job.show': { params: { id: string }; result: Job & { result: MigrationResult | null; directory: string } };
  /** A `done` job writes nothing and gives its result. With source and target given they must be the job's. Progress counts records. */
  'job.resume': {
    params: { id: string; source?: string; target?: string; batchBytes?: number; concurrency?: number; rate?: number };
    result: MigrationResult;
  };
  'job.remove': { params: { id: string; dryRun: boolean }; result: { id: string; removed: boolean } };
}

export type JobState = 'running' | 'done' | 'partial' | 'failed' | 'cancelled' | 'interrupted';

export interface Job {
  id: string;
  kind: 'migrate';
  state: JobState;
  source: string;
  target: string;
  done: number;
  total: number | null;
  startedAt: string;
  endedAt: string | null;
  error: ErrorJson | null;
}
