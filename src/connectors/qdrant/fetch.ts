import type { Call } from '../../core/connector.ts';
import { joinBatches, selectRows } from '../../model/batch.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { pointId } from './ids.ts';
import type { Layout } from './layout.ts';
import { PointReader } from './pointReader.ts';
import { wantJson } from './wantJson.ts';
import { type Client, pathOf } from './wire/client.ts';

const IDS_PER_REQUEST = 1000;

export async function fetch(client: Client, layout: Layout, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
  const reader = new PointReader(layout, want);
  const batches: RecordBatch[] = [];
  for (let start = 0; start < Math.max(1, ids.length); start += IDS_PER_REQUEST) {
    const points = ids.slice(start, start + IDS_PER_REQUEST).map(id => pointId(id).json);
    const body = `{"ids":[${points.join(',')}],${wantJson(layout, want)}}`;
    batches.push(
      reader.read(await client.send('POST', pathOf('collections', layout.name, 'points'), body, call)).batch,
    );
  }
  const found = joinBatches(batches);
  // Also leaves out a record whose derived id was asked for as if it were its own.
  const rows = new Map(found.ids.map((id, row) => [idKey(id), row]));
  return selectRows(
    found,
    ids.map(id => rows.get(idKey(id))).filter(row => row !== undefined),
  );
}
