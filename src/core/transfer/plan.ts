/**
 * Makes the plan of a migration.
 *
 * A dry run reads every record of the source, so its counts are exact. A migration that starts at once reads all ids (cheap: no
 * vectors, no metadata; they give kinds, lengths, doubles and the total) and the first 2,000 records for the types of fields,
 * because a second reading of everything would cost up to half of the speed; only a target that limits the size of records has all
 * of them looked at. Nothing depends on what that sample missed: the
 * guard refuses before a batch is written what the target cannot hold, floats with lost digits are looked for in every batch
 * (fieldCensus.ts), and verification compares what arrived.
 */
import type { Capabilities } from '../../model/capabilities.ts';
import type { CollectionInfo } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { JsonKind } from '../../model/json/members.ts';
import type { Finding, Plan, PlanEnd, TargetMode, Verdict } from '../../model/transfer.ts';
import type { Call } from '../connector.ts';
import { collectionKey, endRef, partitionsApart, type TransferEnd } from './end.ts';
import { precisionFinding } from './fieldCensus.ts';
import type { Mapping } from './mapping.ts';
import { planVectors } from './planVectors.ts';
import { settled } from './settled.ts';
import { type Survey, survey } from './survey.ts';
import { checkMode, type TargetState, targetState } from './targetState.ts';

export interface PlanRequest {
  where: string | null;
  mode: TargetMode;
  overwrite: boolean;
  rename: Record<string, string>;
  /** Read every record, and show a target that may not be written to as a finding. */
  dryRun: boolean;
  /** Under which the source may hold its state for the job to come. */
  pin?: string;
}

export interface Planned {
  plan: Plan;
  mapping: Mapping;
  source: CollectionInfo;
  target: TargetState;
}

/** Throws `invalid` (source and target are one, dimensions, doubled ids), `exists` (target not empty), `unsupported`, `not_found`. */
export async function makePlan(
  source: TransferEnd,
  target: TransferEnd,
  request: PlanRequest,
  call: Call,
): Promise<Planned> {
  await settled(source, call);
  const [info, state] = await Promise.all([source.database.describe(source.ref, call), targetState(target, call)]);
  checkDistinct(source, target, request.mode, state);
  const findings: Finding[] = [];
  try {
    checkMode(request.mode, state, target);
  } catch (error) {
    if (!request.dryRun || !(error instanceof VdbError)) throw error;
    findings.push(plain('target.not_empty', 'target', `refused: ${error.message}`, state.count ?? 0));
  }
  if (request.mode === 'replace' && state.info) {
    const action = 'the collection is dropped with all it holds, unless it turns out to be the source';
    findings.push(plain('target.replaced', 'target', action, state.count ?? 0));
  }
  const vectors = planVectors(info, target, request.mode === 'replace' ? null : state.info);
  findings.push(...vectors.findings);
  const mapping: Mapping = {
    rename: request.rename,
    vectors: vectors.mapping,
    partition: await partitionOf(source, target, findings, call),
  };
  const native = target.database.capabilities.fields;
  const seen = await survey({ source, target, info, existing: state.info, request }, call);
  findings.push(...seen.findings);
  if (!request.dryRun && !request.overwrite) checkFree(target, seen.findings);
  const fields = fieldsOf(seen, request.rename, native);
  const plan: Plan = {
    version: 1,
    source: planEnd(source, seen.count, seen.count === null ? null : Math.round(seen.count * seen.recordBytes)),
    target: planEnd(target, state.info ? state.count : null, null),
    where: request.where,
    mode: request.mode,
    overwrite: request.overwrite,
    mapping: {
      ids: { kinds: seen.kinds, encoding: seen.encodedIds ? 'sidecar' : 'native' },
      vectors: vectors.shown,
      fields,
      rename: request.rename,
      index: indexOf(info, source.provider === target.provider && !state.info),
    },
    ranges: 1,
    findings,
    verdict: verdictOf(findings, fields),
    estimateMs: seen.estimateMs,
  };
  return { plan, mapping, source: info, target: state };
}

/** Throws `lossy` unless every loss was accepted by its id. */
export function checkAccepted(plan: Plan, accepted: string[]): void {
  const open = plan.findings.filter(({ id, loss }) => loss && !accepted.includes(id));
  if (open.length === 0) return;
  const ids = open.map(({ id }) => id);
  throw new VdbError(
    'lossy',
    `the migration would lose something: ${open.map(({ id, action }) => `${id} (${action})`).join('; ')}`,
    {
      outcome: 'not_applied',
      data: { findings: open },
      hint: `Accept it with '--accept-loss ${ids.join(',')}'.`,
    },
  );
}

/**
 * Two profiles may show one address and mean different places (another project of one account): a target that does not exist is
 * not the source. Before one that exists is emptied, `prepareTarget` finds out.
 */
function checkDistinct(source: TransferEnd, target: TransferEnd, mode: TargetMode, { info }: TargetState): void {
  if (collectionKey(source) !== collectionKey(target) || partitionsApart(source, target) || info === null) return;
  if (mode === 'replace' && source.connection !== target.connection) return;
  throw new VdbError('invalid', `source and target are the same collection: ${endRef(source)} and ${endRef(target)}`, {
    outcome: 'not_applied',
  });
}

/** Throws `exists` before anything is written; records that come meanwhile are met by the writers. */
function checkFree(target: TransferEnd, findings: Finding[]): void {
  const met = findings.find(({ id }) => id === 'target.preexisting');
  if (!met) return;
  const more = met.count > 1 ? ` and ${met.count - 1} more of these ids are` : ' is';
  throw new VdbError('exists', `record '${met.examples[0]}'${more} in ${endRef(target)} already`, {
    outcome: 'not_applied',
    data: { ids: met.examples },
    hint: "Use '--overwrite' to replace records that are there.",
  });
}

/** The partition all records go to, or null when each keeps its own. */
async function partitionOf(
  source: TransferEnd,
  target: TransferEnd,
  findings: Finding[],
  call: Call,
): Promise<string | null> {
  if (target.ref.partition !== '') return target.ref.partition;
  if (!source.database.capabilities.partitions) return null;
  if (target.database.capabilities.partitions) return null;
  const names =
    source.ref.partition !== ''
      ? [source.ref.partition]
      : ((await source.database.partitions?.(source.ref.collection, call)) ?? []).map(({ name }) => name);
  if (names.length > 1) {
    throw new VdbError(
      'unsupported',
      `${target.provider} has no partitions, and ${endRef(source)} has ${names.length}`,
      {
        outcome: 'not_applied',
        hint: 'Migrate each partition into a collection of its own: CONNECTION/COLLECTION/PARTITION.',
      },
    );
  }
  if (names.some(name => name !== '')) {
    findings.push({ ...plain('partition.dropped', 'partition', `the name '${names[0]}' is not kept`, 0), loss: true });
  }
  return '';
}

function planEnd(end: TransferEnd, count: number | null, bytes: number | null): PlanEnd {
  const { connection, provider, serverVersion, endpoint, ref } = end;
  const { collection, partition } = ref;
  return { ref: endRef(end), connection, collection, partition, provider, serverVersion, endpoint, count, bytes };
}

/** As far as types tell: a value that a native field cannot hold exactly (-0.0, say) goes to the sidecar too. */
function isNative(name: string, types: JsonKind[], native: Capabilities['fields']): boolean {
  if (!native) return true;
  if (native.names !== undefined && !new RegExp(native.names).test(name)) return false;
  return types.every(type => native.types.includes(type)) && (types.length <= 1 || native.mixed === true);
}

function fieldsOf(
  { fields }: Survey,
  rename: Record<string, string>,
  native: Capabilities['fields'],
): Plan['mapping']['fields'] {
  return [...fields].map(([name, { types, imprecise }]) => {
    const to = Object.hasOwn(rename, name) ? rename[name] : undefined;
    const place = isNative(to ?? name, Object.keys(types) as JsonKind[], native) ? 'native' : 'sidecar';
    const carried = to === undefined ? place : `renamed to ${to}${place === 'sidecar' ? ', sidecar' : ''}`;
    return { name, types, action: imprecise > 0 ? `loss: ${precisionFinding(name)}` : carried };
  });
}

function indexOf(info: CollectionInfo, carried: boolean): Plan['mapping']['index'] {
  const options = Object.keys(info.index);
  return carried ? { carried: options, dropped: [] } : { carried: [], dropped: options };
}

function verdictOf(findings: Finding[], fields: Plan['mapping']['fields']): Verdict {
  if (findings.some(({ loss }) => loss)) return 'lossy';
  const encoded =
    findings.some(({ id }) => id === 'id.encoded') || fields.some(({ action }) => action.endsWith('sidecar'));
  return encoded ? 'lossless_encoded' : 'lossless';
}

function plain(id: string, kind: string, action: string, count: number): Finding {
  return { id, kind, field: null, count, examples: [], action, loss: false };
}
