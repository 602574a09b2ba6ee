import { VdbError } from '../../model/errors.ts';
import type { MigrationResult, Plan, VerifyLevel } from '../../model/transfer.ts';
import type { JsonValue } from '../connector.ts';
import { endRef, identity } from './end.ts';
import type { JobPlan } from './jobPlan.ts';
import { checkAccepted, makePlan, type PlanRequest } from './plan.ts';
import { type RunInput, runJob } from './runJob.ts';
import { READERS, READERS_FROM } from './transferLimits.ts';

export interface MigrationRequest extends Omit<PlanRequest, 'dryRun' | 'pin'> {
  maxErrors: number;
  /** Null: `full` up to 1 M records. */
  verify: VerifyLevel | null;
  acceptLoss: string[];
  /** One made before, to be executed unchanged: ends, filter, mode and renames are its own. */
  plan?: Plan;
}

/** Plans, makes the job of this new id and runs it. Nothing is written before the plan is on disk. Throws as `makePlan`, `checkAccepted` and `runJob` do. */
export async function migrate(
  id: string,
  request: MigrationRequest,
  run: Omit<RunInput, 'plan'>,
): Promise<MigrationResult> {
  const { store, source, target, call } = run;
  const { plan: given, maxErrors, verify, acceptLoss } = request;
  const pin = store.reservePin(id);
  const asked = given
    ? { where: given.where, mode: given.mode, overwrite: given.overwrite, rename: given.mapping.rename }
    : { where: request.where, mode: request.mode, overwrite: request.overwrite, rename: request.rename };
  if (given) checkSame(given, run);
  let plan: JobPlan;
  try {
    const made = await makePlan(source, target, { ...asked, dryRun: given !== undefined, pin }, call);
    if (given) checkUnchanged(given, made.plan);
    checkAccepted(made.plan, acceptLoss);
    const ranges = await rangesOf(run, made.plan.source.count);
    plan = {
      ...{ version: 1, id, kind: 'migrate', createdAt: new Date().toISOString() },
      ...{ source: identity(source), target: identity(target), sourceRef: endRef(source), targetRef: endRef(target) },
      ...{ where: asked.where, mapping: made.mapping, ranges, pin, maxErrors, verify, acceptLoss },
      plan: { ...made.plan, ranges: ranges.length },
    };
    await store.create(plan);
  } catch (error) {
    store.abandon(id);
    await source.database.release?.(pin, { ...call, signal: new AbortController().signal });
    throw error;
  }
  return runJob({ ...run, plan });
}

async function rangesOf({ source, call }: Omit<RunInput, 'plan'>, count: number | null): Promise<JsonValue[]> {
  const { database, ref } = source;
  const { exclusive, unstableWalk } = database.capabilities;
  if (!database.ranges || exclusive || unstableWalk || (count ?? 0) < READERS_FROM) return [null];
  const ranges = await database.ranges(ref, READERS, call);
  return ranges.length > 0 ? ranges : [null];
}

/** A plan that somebody read and approved is executed as it stands, or not at all. */
function checkUnchanged(given: Plan, made: Plan): void {
  const essence = ({ mapping: { ids, vectors, fields, index }, findings, verdict }: Plan): string =>
    JSON.stringify([
      ids.encoding,
      vectors,
      fields.map(({ name, action }) => [name, action]).sort(),
      index,
      findings.map(({ id }) => id).sort(),
      verdict,
    ]);
  if (essence(given) === essence(made)) return;
  throw new VdbError(
    'invalid',
    'source or target changed since the plan was made: records would be carried otherwise',
    {
      reason: 'job_mismatch',
      outcome: 'not_applied',
      hint: 'Make a new plan with --dry-run --json, and compare the two.',
    },
  );
}

function checkSame(plan: Plan, { source, target }: Omit<RunInput, 'plan'>): void {
  for (const [what, made, end] of [
    ['source', plan.source, source],
    ['target', plan.target, target],
  ] as const) {
    const { provider, endpoint, collection, partition } = identity(end);
    const same =
      made.provider === provider &&
      made.endpoint === endpoint &&
      made.collection === collection &&
      made.partition === partition;
    if (same) continue;
    throw new VdbError('invalid', `the plan was made for another ${what}: ${made.ref} at ${made.endpoint}`, {
      reason: 'job_mismatch',
      outcome: 'not_applied',
    });
  }
}
