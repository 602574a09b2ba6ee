import type { ErrorJson } from './errors.ts';

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
