import type { Call } from '../../core/connector.ts';
import { selectRows } from '../../model/batch.ts';
import { type Id, idKey } from '../../model/id.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { isElementId, keyOf, keyProperty } from './ids.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';
import { recordReader } from './recordReader.ts';

/** The records of these ids that there are, in that order. */
export async function fetch(link: Neo4jLink, layout: Layout, ids: Id[], want: Want, call: Call): Promise<RecordBatch> {
  const reader = recordReader(layout, want);
  const match = `MATCH (n:${quote(layout.label)}) WHERE`;
  const rows =
    layout.key === null
      ? []
      : await link.read(
          `${match} ${keyProperty(layout.key)} IN $keys RETURN ${reader.returns}`,
          { keys: ids.map(keyOf) },
          call,
        );
  const elements = ids.filter(isElementId);
  if (elements.length > 0) {
    rows.push(...(await link.read(`${match} elementId(n) IN $elements RETURN ${reader.returns}`, { elements }, call)));
  }
  const batch = reader.read(rows);
  // 7 finds 7.0 too, and digits find the marked integer: what a row's own id is decides.
  const found = new Map(batch.ids.map((id, row) => [idKey(id), row]));
  return selectRows(
    batch,
    ids.map(id => found.get(idKey(id))).filter(row => row !== undefined),
  );
}
