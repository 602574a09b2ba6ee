import { VdbError } from '../../../model/errors.ts';
import { type Id, idKey } from '../../../model/id.ts';
import type { RecordBatch } from '../../../model/record.ts';
import { recordLine } from '../../../model/recordLine.ts';
import type { Handler } from '../../handler.ts';
import { withCollection } from '../lease.ts';
import { candidates, chunks, ID_CHUNK } from './ids.ts';
import { wantOf } from './want.ts';

export const get: Handler<'record.get'> = ({ target, ids, idType, with: parts }, request, services) => {
  if (ids.length === 0) throw new VdbError('usage', 'no id is given');
  const meant = [...new Set(ids)].map(text => ({ text, ids: candidates(text, idType) }));
  const want = wantOf(parts);
  return withCollection(target, request, services, {}, async ({ database }, ref) => {
    const missing: string[] = [];
    let found = 0;
    for (const chunk of chunks(meant, ID_CHUNK)) {
      const lines = new Map<string, string>();
      const read = async (wanted: Id[]): Promise<void> => {
        if (wanted.length === 0) return;
        const batch: RecordBatch = await database.fetch(ref, wanted, want, request.call);
        for (let row = 0; row < batch.count; row++) lines.set(idKey(batch.ids[row]!), recordLine(batch, row, want));
      };
      await read(chunk.map(({ ids: [first] }) => first!));
      // A text that is not there may be an integer's.
      await read(
        chunk.flatMap(({ ids: [first, second] }) => (second === undefined || lines.has(idKey(first!)) ? [] : [second])),
      );
      const items: string[] = [];
      for (const {
        text,
        ids: [first, second],
      } of chunk) {
        const line = lines.get(idKey(first!)) ?? (second === undefined ? undefined : lines.get(idKey(second)));
        if (line === undefined) missing.push(text);
        else items.push(line);
      }
      found += items.length;
      await request.items(items);
      request.progress({ done: found + missing.length, total: meant.length });
    }
    return { found, missing };
  });
};
