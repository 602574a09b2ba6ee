import type { Call } from '../../core/connector.ts';
import { matcher } from '../../model/filter/evaluate.ts';
import type { Filter } from '../../model/filter/filter.ts';
import { fetchRecords } from './fetch.ts';
import type { Branch } from './filter/branches.ts';
import type { IndexInfo } from './indexInfo.ts';
import type { Link } from './link.ts';
import { RecordReader } from './records/recordReader.ts';

const PAGE_RECORDS = 100;
const NOTHING = { vectors: false, metadata: false, document: false };

/**
 * The records of a partition that match, as they are stored, in no order, or undefined when there are more than `most` or the
 * filter names nothing that Pinecone could look for. Each is checked by the evaluator too: what is deleted or counted never
 * rests on what is not documented of Pinecone's operators.
 */
export async function matching(
  link: Link,
  info: IndexInfo,
  partition: string,
  { filter, branches, most }: { filter: Filter; branches: Branch[]; most: number },
  call: Call,
): Promise<Set<string> | undefined> {
  const matches = matcher(filter);
  const found = new Set<string>();
  const { documentField } = link.settings;
  for (const { ids, where } of branches) {
    if (where.filter === false) continue;
    if (ids) {
      const { stored } = await fetchRecords(link, info, partition, ids, NOTHING, call, ({ id, metadata }) =>
        matches(id, metadata),
      );
      for (const text of stored) found.add(text);
      continue;
    }
    if (where.filter === true) return undefined;
    for (let token: string | undefined; ; ) {
      const reader = new RecordReader({ info, want: NOTHING, partition, documentField });
      const request = { filter: where.filter, limit: PAGE_RECORDS, token };
      const body = await link.data.fetchWhere(info.url, partition, request, call);
      token = reader.read(body, (met, { id, metadata }) => {
        if (matches(id, metadata)) found.add(met.stored);
        return false;
      });
      if (found.size > most) return undefined;
      if (token === undefined) break;
    }
  }
  return found;
}
