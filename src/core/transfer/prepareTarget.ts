import { VdbError } from '../../model/errors.ts';
import type { Call } from '../connector.ts';
import { endRef, type TransferEnd } from './end.ts';
import type { JobPlan } from './jobPlan.ts';
import { type ProbeNote, sharesRecords } from './sharesRecords.ts';
import { targetSpec } from './targetSpec.ts';
import { checkMode, targetState } from './targetState.ts';

/**
 * Makes the target ready: created, dropped and created again, or found fit for the mode. Safe to repeat after a crash, as
 * nothing is written before it is done. Returns the name that the server gave, and whether the collection holds nothing.
 */
export async function prepareTarget(
  source: TransferEnd,
  target: TransferEnd,
  { plan, mapping }: JobPlan,
  note: ProbeNote,
  call: Call,
): Promise<{ collection: string; fresh: boolean }> {
  const { database, ref } = target;
  let state = await targetState(target, call);
  if (plan.mode === 'create' && state.info && state.empty) {
    // The plan saw that it did not exist: this job's earlier run created it.
  } else {
    checkMode(plan.mode, state, target);
  }
  if (plan.mode === 'replace' && state.info) await checkApart(source, target, note, call);
  if (plan.mode === 'replace' && state.info && !(ref.partition !== '' && database.clear)) {
    await database.drop({ collection: ref.collection, partition: '' }, call);
    state = { info: null, count: null, empty: true };
  } else if (plan.mode === 'replace' && state.info) {
    await database.clear!(ref, call);
    state = { ...state, empty: true };
  }
  const info = state.info ?? (await create(source, target, mapping, call));
  if (ref.partition !== '') await makePartition(target, info.name, call);
  return { collection: info.name, fresh: state.empty };
}

/** Throws `invalid` when emptying the target would empty the source. */
async function checkApart(source: TransferEnd, target: TransferEnd, note: ProbeNote, call: Call): Promise<void> {
  if (!(await sharesRecords(source, target, note, call))) return;
  throw new VdbError(
    'invalid',
    `source and target are the same collection under two addresses: ${endRef(source)} at ${source.endpoint}, ${endRef(target)} at ${target.endpoint}`,
    { outcome: 'not_applied' },
  );
}

async function create(source: TransferEnd, target: TransferEnd, mapping: JobPlan['mapping'], call: Call) {
  const info = await source.database.describe(source.ref, call);
  return target.database.create(targetSpec(source, info, target, mapping), call);
}

async function makePartition({ database, ref }: TransferEnd, collection: string, call: Call): Promise<void> {
  try {
    await database.createPartition?.({ collection, partition: ref.partition }, call);
  } catch (error) {
    if (!(error instanceof VdbError) || error.code !== 'exists') throw error;
  }
}
