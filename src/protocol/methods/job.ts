import type { Job, JobState } from '../../model/job.ts';
import type { MigrationResult } from '../../model/transfer.ts';

export type * from '../../model/job.ts';

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
