import { VdbError } from '../../model/errors.ts';
import type { MigrationResult } from '../../model/transfer.ts';
import { type EndIdentity, identity, type TransferEnd } from './end.ts';
import type { JobPlan } from './jobPlan.ts';
import { type RunInput, runJob } from './runJob.ts';

/**
 * Takes a job up behind its last acknowledged batch. A `done` job writes nothing and gives its result. Throws `invalid`
 * (job_mismatch) when the ends are not those of the plan, `busy` (locked) when another process runs it, `not_found`.
 */
export async function resume(id: string, run: Omit<RunInput, 'plan'>): Promise<MigrationResult> {
  const plan = await run.store.plan(id);
  checkEnds(plan, run.source, run.target);
  return runJob({ ...run, plan });
}

/** The result of a job that is done; null for any other. Needs no connection. */
export async function doneResult(store: RunInput['store'], id: string): Promise<MigrationResult | null> {
  const { state, result } = await store.show(id);
  return state === 'done' ? result : null;
}

function checkEnds(plan: JobPlan, source: TransferEnd, target: TransferEnd): void {
  const differences = [
    ...unlike('source', plan.source, identity(source)),
    ...unlike('target', plan.target, identity(target)),
  ];
  if (differences.length === 0) return;
  throw new VdbError('invalid', `job ${plan.id} was made for another ${differences.join('; ')}`, {
    reason: 'job_mismatch',
    outcome: 'not_applied',
    hint: 'Start a new migration, or name the ends of the job.',
  });
}

function unlike(what: string, planned: EndIdentity, given: EndIdentity): string[] {
  return (['provider', 'endpoint', 'collection', 'partition'] as const)
    .filter(key => planned[key] !== given[key])
    .map(key => `${what} (${key} '${planned[key]}', not '${given[key]}')`);
}
