import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { isPresent, type RecordBatch } from '../../model/record.ts';
import { mayBeDerived, type PointId, pointId, sameId } from './ids.ts';
import type { Layout } from './layout.ts';
import { MARK, toPayload } from './payload.ts';
import { PointReader } from './pointReader.ts';
import { vectorJson } from './vectorJson.ts';
import { type Client, pathOf } from './wire/client.ts';
import { Failure } from './wire/failure.ts';

/** Characters of one request; the server takes 32 MB (service.max_request_size_mb). */
const REQUEST = 8 << 20;

/** Writes whole points, visible when it returns. `absent`: no id can stand for another record's. */
export async function upsert(
  client: Client,
  layout: Layout,
  batch: RecordBatch,
  absent: boolean,
  call: Call,
): Promise<void> {
  if (batch.count === 0) return;
  refuseEmpty(batch);
  const points = batch.ids.map(pointId);
  refuseTwice(batch.ids, points);
  if (!absent) await refuseOthers(client, layout, batch.ids, points, call);
  let texts: string[] = [];
  let length = 0;
  let sent = 0;
  const send = async () => {
    await put(client, layout, `{"points":[${texts.join(',')}]}`, { count: texts.length, before: sent }, call);
    sent += texts.length;
    texts = [];
    length = 0;
  };
  for (let row = 0; row < batch.count; row++) {
    const text = pointJson(batch, row, points[row]!, layout.documentKey);
    if (length > 0 && length + text.length > REQUEST) await send();
    texts.push(text);
    length += text.length;
  }
  await send();
}

async function put(
  client: Client,
  layout: Layout,
  body: string,
  { count, before }: { count: number; before: number },
  call: Call,
): Promise<void> {
  const path = `${pathOf('collections', layout.name, 'points')}?wait=true`;
  const work = client.json<{ status: string }>('PUT', path, body, call);
  const { status } = await work.catch((error: unknown) => {
    // A refusal that looked at the points one by one may have stored some of them (recorded with Qdrant 1.18.3).
    if (
      error instanceof Failure &&
      error.status === 400 &&
      (before > 0 || (count > 1 && /^Wrong input/.test(error.message)))
    ) {
      error.outcome = 'partially_applied';
    }
    throw error;
  });
  if (status !== 'completed') {
    throw new VdbError('busy', `'${layout.name}' has not applied the points yet (${status})`, {
      reason: 'not_visible_yet',
      outcome: 'unknown',
    });
  }
}

function pointJson(batch: RecordBatch, row: number, { json, mark }: PointId, documentKey: string): string {
  const payload = toPayload(
    { metadata: batch.metadata[row], mark, document: batch.documents?.[row], uri: batch.uris?.[row] },
    documentKey,
  );
  return `{"id":${json},"vector":${vectorsJson(batch, row)},"payload":${payload}}`;
}

/** A sole unnamed vector stands alone, others under their names (the unnamed one's is empty). */
function vectorsJson(batch: RecordBatch, row: number): string {
  const columns = batch.vectors.filter(column => isPresent(column, row));
  const [first] = columns;
  if (columns.length === 1 && first!.name === '' && first!.kind !== 'sparse') return vectorJson(first!, row);
  return `{${columns.map(column => `${JSON.stringify(column.name)}:${vectorJson(column, row)}`).join(',')}}`;
}

/** Before the first point is sent: the server refuses the whole request, or worse, a part of it. */
function refuseEmpty({ ids, vectors }: RecordBatch): void {
  for (const column of vectors) {
    if (column.kind !== 'multi') continue;
    const row = ids.findIndex((_, i) => isPresent(column, i) && column.offsets[i] === column.offsets[i + 1]);
    if (row < 0) continue;
    throw new VdbError(
      'invalid',
      `the vector '${column.name}' of record ${JSON.stringify(String(ids[row]))} has no rows`,
      {
        outcome: 'not_applied',
        hint: 'Qdrant keeps no empty multi-vector; leave the vector out.',
      },
    );
  }
}

function refuseTwice(ids: Id[], points: PointId[]): void {
  if (!points.some(({ mark }) => mark !== undefined)) return;
  const seen = new Map<string, Id>();
  points.forEach(({ json }, row) => {
    const other = seen.get(json);
    if (other !== undefined) throw sameId(other, ids[row]!);
    seen.set(json, ids[row]!);
  });
}

/** Looks whether a derived id, or one that could be, is that of another record already. */
async function refuseOthers(client: Client, layout: Layout, ids: Id[], points: PointId[], call: Call): Promise<void> {
  const rows = points.flatMap((point, row) => (point.mark !== undefined || mayBeDerived(point) ? [row] : []));
  if (rows.length === 0) return;
  const reader = new PointReader(layout, { vectors: false, metadata: false, document: false });
  const body = `{"ids":[${rows.map(row => points[row]!.json).join(',')}],"with_payload":["${MARK}"],"with_vector":false}`;
  const { batch } = reader.read(await client.send('POST', pathOf('collections', layout.name, 'points'), body, call));
  const wanted = new Map(rows.map(row => [points[row]!.json, ids[row]!]));
  for (const id of batch.ids) {
    const asked = wanted.get(pointId(id).json)!;
    if (id !== asked) throw sameId(id, asked);
  }
}
