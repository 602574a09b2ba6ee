import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { ofText } from './classify.ts';
import type { Link } from './link.ts';
import type { Filters } from './wire/messages.ts';
import { positive } from './wireFilter.ts';

/** Deletes what matches, 10,000 objects a call (QUERY_MAXIMUM_RESULTS), until nothing does; returns how many. */
export async function removeMatching(
  link: Link,
  collection: string,
  tenant: string,
  filter: Filters,
  call: Call,
): Promise<number> {
  const request = { collection, filters: positive(filter), verbose: true, ...(tenant !== '' && { tenant }) };
  let removed = 0;
  for (;;) {
    const { matches, successful, failed, objects } = await link.grpc.batchDelete(request, call);
    removed += Number(successful);
    if (Number(failed) > 0) {
      const error = objects.find(each => !each.successful)?.error ?? '';
      const { code, reason, hint } = ofText(error);
      throw new VdbError(code, `the server did not delete ${failed} records of '${collection}'`, {
        cause: error,
        outcome: removed > 0 ? 'partially_applied' : 'not_applied',
        ...(reason && { reason }),
        ...(hint !== undefined && { hint }),
      });
    }
    if (Number(matches) === 0) return removed;
    if (Number(successful) === 0) {
      throw new VdbError('protocol', `the server matches records of '${collection}' and deletes none`, {
        reason: 'bad_answer',
        outcome: removed > 0 ? 'partially_applied' : 'not_applied',
      });
    }
  }
}
