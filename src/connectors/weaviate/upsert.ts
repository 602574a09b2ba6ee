import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { RecordBatch } from '../../model/record.ts';
import { ofText } from './classify.ts';
import { encodeObjects } from './encode.ts';
import { IDS_PER_CALL } from './fetch.ts';
import { idOf, mayBeDerived, type ObjectId, objectId, sameObject, show } from './ids.ts';
import type { Layout } from './layout.ts';
import type { Layouts } from './layouts.ts';
import type { Link } from './link.ts';
import { ID_MARK } from './propertyName.ts';
import { containsAny } from './wireFilter.ts';
import { cellsOf, missingProperties } from './writePlan.ts';

/** A message stays far below the server's 104,858,000 bytes. */
const MESSAGE_BYTES = 16 << 20;

/** Replaces whole objects. `absent`: no id exists, so none of them can meet another's. */
export async function upsert(
  link: Link,
  layouts: Layouts,
  layout: Layout,
  tenant: string,
  batch: RecordBatch,
  absent: boolean,
  call: Call,
): Promise<void> {
  const ids = batch.ids.map(objectId);
  checkWithin(batch, ids);
  const rows = cellsOf(batch);
  const needed = (current: Layout) => {
    const marked = current.marks || ids.some(({ mark }) => mark !== undefined);
    return missingProperties(current, batch, rows).filter(({ name }) => name !== ID_MARK || marked);
  };
  const current = await layouts.extended(layout, needed, call);
  if (!absent) await checkStored(link, current, tenant, batch, ids, call);
  const objects = encodeObjects(current, batch, ids, rows, tenant);
  const size = Math.max(1, Math.floor((MESSAGE_BYTES * batch.count) / Math.max(1, batch.bytes)));
  for (let from = 0; from < objects.length; from += size) {
    const { errors } = await link.grpc.batchObjects(objects.slice(from, from + size), call);
    if (errors.length > 0) throw refused(batch, from, Math.min(size, objects.length - from), errors);
  }
}

/** What the batch as a whole lost, by its first object; the others of the message were written. */
function refused(batch: RecordBatch, from: number, sent: number, errors: { index: number; error: string }[]): VdbError {
  const [{ index, error }] = errors as [{ index: number; error: string }];
  const { code, reason, hint } = ofText(error);
  const some = errors.length < sent || from > 0;
  return new VdbError(
    code,
    `the server refused ${errors.length} of ${batch.count} records, record ${show(batch.ids[from + index]!)} first`,
    {
      cause: error,
      outcome: some ? 'partially_applied' : 'not_applied',
      ...(reason && { reason }),
      ...(hint !== undefined && { hint }),
    },
  );
}

function checkWithin(batch: RecordBatch, ids: ObjectId[]): void {
  const seen = new Map<string, number>();
  ids.forEach(({ uuid }, row) => {
    const other = seen.get(uuid);
    if (other !== undefined) throw sameObject(batch.ids[other]!, batch.ids[row]!);
    seen.set(uuid, row);
  });
}

/** A derived UUID must not replace a native one, nor the other way round. */
async function checkStored(
  link: Link,
  layout: Layout,
  tenant: string,
  batch: RecordBatch,
  ids: ObjectId[],
  call: Call,
): Promise<void> {
  const { collection, marks } = layout;
  const rows = new Map(ids.map(({ uuid }, row) => [uuid, row]));
  const doubtful = [...rows.keys()].filter(mayBeDerived);
  const properties = { non_ref_properties: marks ? [ID_MARK] : [] };
  for (let i = 0; i < doubtful.length; i += IDS_PER_CALL) {
    const uuids = doubtful.slice(i, i + IDS_PER_CALL);
    const asked = { tenant, properties, metadata: { uuid: true as const }, limit: uuids.length };
    const { results } = await link.grpc.search({ collection, ...asked, filters: containsAny('_id', uuids) }, call);
    for (const { properties: found, metadata } of results) {
      const row = rows.get(metadata.id)!;
      const mark = found?.non_ref_props?.fields.find(({ value }) => value?.kind === 'text_value')?.value?.text_value;
      if (mark !== ids[row]!.mark) throw sameObject(batch.ids[row]!, idOf(metadata.id, mark));
    }
  }
}
