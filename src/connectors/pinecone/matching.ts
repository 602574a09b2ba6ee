import type { Call } from '../../core/connector.ts';
import { matcher } from '../../model/filter/evaluate.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { Id } from '../../model/id.ts';
import { fetchRecords } from './fetch.ts';
import type { Branch } from './filter/branches.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { RecordReader } from './records/recordReader.ts';

const PAGE_RECORDS = 100;
const NOTHING = { vectors: false, metadata: false, document: false };

/** A record that matches: as it is stored, and as it is known. */
export interface Match {
  stored: string;
  id: Id;
}

/**
 * The records of a partition that match, each once and in no order, or undefined when there are more than `most` or the
 * filter names nothing that Pinecone could look for. Each is checked by the evaluator too: what is deleted or counted never
 * rests on what is not documented of Pinecone's operators.
 */
export async function matching(
  link: Link,
  info: IndexInfo,
  partition: string,
  { filter, branches, most }: { filter: Filter; branches: Branch[]; most: number },
  call: Call,
): Promise<Map<string, Match> | undefined> {
  const matches = matcher(filter);
  const found = new Map<string, Match>();
  const { documentField } = link.settings;
  for (const { ids, where } of branches) {
    if (where.filter === false) continue;
    if (ids) {
      const { batch, stored } = await fetchRecords(link, info, partition, ids, NOTHING, call, ({ id, metadata }) =>
        matches(id, metadata),
      );
      stored.forEach((text, row) => found.set(text, { stored: text, id: batch.ids[row]! }));
      continue;
    }
    if (where.filter === true) return undefined;
    for (let token: string | undefined; ; ) {
      const reader = new RecordReader({ info, want: NOTHING, partition, documentField });
      const request = { filter: where.filter, limit: PAGE_RECORDS, token };
      const body = await link.data.fetchWhere(info.url, partition, request, call);
      token = reader.read(body, (met, { id, metadata }) => {
        if (matches(id, metadata)) found.set(met.stored, { stored: met.stored, id });
        return false;
      });
      if (found.size > most) return undefined;
      if (token === undefined) break;
    }
  }
  return found;
}
