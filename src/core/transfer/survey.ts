import type { CollectionInfo } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { type Id, idKey } from '../../model/id.ts';
import { isPresent, type RecordBatch, type VectorColumn } from '../../model/record.ts';
import type { Finding } from '../../model/transfer.ts';
import type { Call } from '../connector.ts';
import { endRef, type TransferEnd } from './end.ts';
import { FieldCensus, type FieldCount, precisionFinding } from './fieldCensus.ts';
import { hash64, IdCensus } from './idCensus.ts';
import type { PlanRequest } from './plan.ts';
import { readMapped, type Side } from './readMapped.ts';
import { PLAN_SAMPLE } from './transferLimits.ts';

export interface SurveyInput {
  source: TransferEnd;
  target: TransferEnd;
  info: CollectionInfo;
  /** The target as it is, if it is. */
  existing: CollectionInfo | null;
  request: PlanRequest;
}

/** What reading the source for a plan brought. */
export interface Survey {
  count: number;
  kinds: Record<string, number>;
  /** Ids that the target carries in the sidecar. */
  encodedIds: boolean;
  fields: Map<string, FieldCount>;
  /** Mean size of a record. */
  recordBytes: number;
  /** Three times the time that reading took: a write costs about twice as much. Null when too little was read. */
  estimateMs: number | null;
  findings: Finding[];
}

const BEYOND = 'refused: beyond a limit of the target';
const IDS = { vectors: false, metadata: false, document: false };

export async function survey(input: SurveyInput, call: Call): Promise<Survey> {
  const { source, request } = input;
  const side: Side = { end: source, where: request.where, ...(request.pin === undefined ? {} : { pin: request.pin }) };
  const ids = new IdCensus();
  const fields = new FieldCensus();
  const risks = new Risks(input);
  const started = performance.now();
  let bytes = 0;
  let sampled = 0;
  const whole = request.dryRun || risks.ofAnyRecord;
  const vectors = risks.needsVectors || !whole;
  const meets = request.mode === 'append' && (request.dryRun || !request.overwrite);
  const limit = whole ? {} : { limit: PLAN_SAMPLE };
  for await (const { batch } of readMapped(
    side,
    { want: { vectors, metadata: true, document: true }, ...limit },
    call,
  )) {
    for (let row = 0; row < batch.count; row++) {
      fields.add(batch.ids[row]!, batch.metadata[row]);
      if (whole) ids.add(batch.ids[row]!, batch.partition);
    }
    if (whole && meets) await risks.lookUp(batch, call);
    risks.look(batch);
    if (whole) risks.lookAtIds(batch.ids);
    bytes += batch.bytes;
    sampled += batch.count;
    if (!whole && sampled >= PLAN_SAMPLE) break;
  }
  const readMs = performance.now() - started;
  if (!whole) {
    for await (const { batch } of readMapped(side, { want: IDS }, call)) {
      for (const id of batch.ids) ids.add(id, batch.partition);
      risks.lookAtIds(batch.ids);
      if (meets) await risks.lookUp(batch, call);
    }
  }
  await refuseDoubles(side, ids, call);
  const { idKinds } = input.target.database.capabilities;
  const foreign = Object.entries(ids.kinds).filter(([kind]) => !idKinds.includes(kind as 'string'));
  const findings = [...risks.findings(), ...imprecise(fields)];
  if (foreign.length > 0) {
    const count = foreign.reduce((sum, [, n]) => sum + n, 0);
    const kinds = foreign.map(([kind]) => kind).join(' and ');
    findings.push(
      finding('id.encoded', 'id', count, [], `${kinds} ids travel as text, their kind in the sidecar`, false),
    );
  }
  return {
    count: ids.count,
    kinds: ids.kinds,
    encodedIds: foreign.length > 0,
    fields: fields.fields,
    recordBytes: sampled === 0 ? 0 : bytes / sampled,
    estimateMs: sampled < 100 ? null : Math.round((3 * readMs * ids.count) / sampled),
    findings,
  };
}

/** What single records may run into at the target. */
class Risks {
  readonly needsVectors: boolean;
  /** Any single record may be beyond a limit that the target declares, so that a sample tells too little. */
  readonly ofAnyRecord: boolean;
  readonly #input: SurveyInput;
  readonly #seen = new Map<string, Finding>();

  constructor(input: SurveyInput) {
    this.#input = input;
    const { capabilities } = input.target.database;
    this.ofAnyRecord = (capabilities.limits.metadataBytes ?? capabilities.limits.recordBytes) !== undefined;
    this.needsVectors =
      !capabilities.optionalVectors ||
      capabilities.limits.recordBytes !== undefined ||
      (input.existing?.vectors.some(({ transform }) => transform === 'normalized') ?? false);
  }

  findings(): Finding[] {
    return [...this.#seen.values()];
  }

  /** Ids that an appending job would meet. */
  async lookUp(batch: RecordBatch, call: Call): Promise<void> {
    const { target, existing, request } = this.#input;
    if (!existing || batch.count === 0) return;
    const found = await target.database.fetch(target.ref, batch.ids, IDS, call);
    const action = request.overwrite ? 'replaced' : 'refused without --overwrite';
    for (const id of found.ids) this.#note('target.preexisting', 'target', null, id, action, false);
  }

  lookAtIds(ids: Id[]): void {
    const { idBytes } = this.#input.target.database.capabilities.limits;
    if (idBytes === undefined) return;
    for (const id of ids) if (size(String(id)) > idBytes) this.#note('limit.id', 'limit', null, id, BEYOND, true);
  }

  look(batch: RecordBatch): void {
    const { metadataBytes, recordBytes } = this.#input.target.database.capabilities.limits;
    for (let row = 0; row < batch.count; row++) {
      const id = batch.ids[row]!;
      const metadata = size(batch.metadata[row] ?? '');
      if (metadataBytes !== undefined && metadata > metadataBytes)
        this.#note('limit.metadata', 'limit', null, id, BEYOND, true);
      const whole = metadata + size(batch.documents?.[row] ?? '') + vectorBytes(batch.vectors, row);
      if (recordBytes !== undefined && whole > recordBytes) this.#note('limit.record', 'limit', null, id, BEYOND, true);
    }
    if (this.needsVectors) for (const column of batch.vectors) this.#vectors(column, batch);
  }

  #vectors(column: VectorColumn, batch: RecordBatch): void {
    const name = column.name || 'unnamed';
    const { capabilities } = this.#input.target.database;
    const normalized = this.#input.existing?.vectors.some(v => v.name === column.name && v.transform === 'normalized');
    for (let row = 0; row < batch.count; row++) {
      const id = batch.ids[row]!;
      if (!isPresent(column, row)) {
        if (capabilities.optionalVectors) continue;
        this.#note(
          `vector.${name}.absent`,
          'vector',
          column.name,
          id,
          'refused: the target wants it in every record',
          true,
        );
      } else if (normalized && column.kind === 'dense' && column.element === 'f32') {
        const { dimension, values } = column;
        const length = norm((values as Float32Array).subarray(row * dimension, (row + 1) * dimension));
        if (Math.abs(length - 1) > 1e-6) {
          const action =
            length === 0 ? 'a zero vector cannot be normalised' : 'the target normalises: the length is lost';
          this.#note(`vector.${name}.normalized`, 'vector', column.name, id, action, true);
        }
      }
    }
  }

  #note(key: string, kind: string, field: string | null, id: Id, action: string, loss: boolean): void {
    const seen = this.#seen.get(key) ?? { ...finding(key, kind, 0, [], action, loss), field };
    this.#seen.set(key, seen);
    seen.count++;
    if (seen.examples.length < 3) seen.examples.push(String(id));
  }
}

/** Throws `invalid` (duplicate_id): one of two records would overwrite the other. */
async function refuseDoubles(side: Side, ids: IdCensus, call: Call): Promise<void> {
  const suspects = await ids.doubles();
  if (suspects.size === 0) return;
  const seen = new Set<string>();
  for await (const { batch } of readMapped(side, { want: IDS }, call)) {
    for (const id of batch.ids) {
      if (!suspects.has(hash64(id, batch.partition))) continue;
      const key = `${batch.partition}\u0000${idKey(id)}`;
      if (seen.has(key)) {
        throw new VdbError('invalid', `${endRef(side.end)} holds two records with the id '${id}'`, {
          reason: 'duplicate_id',
          outcome: 'not_applied',
          data: { id: String(id) },
          hint: 'Remove one of them, then migrate.',
        });
      }
      seen.add(key);
    }
  }
}

function imprecise(census: FieldCensus): Finding[] {
  return [...census.fields].flatMap(([name, { imprecise, examples }]) =>
    imprecise === 0
      ? []
      : [
          {
            ...finding(precisionFinding(name), 'precision', imprecise, examples, 'digits beyond 17 are lost', true),
            field: name,
          },
        ],
  );
}

function finding(id: string, kind: string, count: number, examples: string[], action: string, loss: boolean): Finding {
  return { id, kind, field: null, count, examples, action, loss };
}

function size(text: string): number {
  return Buffer.byteLength(text);
}

function vectorBytes(columns: VectorColumn[], row: number): number {
  let bytes = 0;
  for (const column of columns) {
    if (column.kind === 'dense') bytes += (column.values.byteLength / column.values.length) * column.dimension;
    else bytes += (column.offsets[row + 1]! - column.offsets[row]!) * 8;
  }
  return bytes;
}

function norm(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}
