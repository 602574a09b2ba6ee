import type { Lease } from '../../../core/connections/lease.ts';
import type { CollectionRef, SplitFilter } from '../../../core/connector.ts';
import { splitFilter } from '../../../core/splitFilter.ts';
import { VdbError } from '../../../model/errors.ts';
import type { Filter } from '../../../model/filter/filter.ts';
import { formatFilter } from '../../../model/filter/format.ts';
import { parseFilter } from '../../../model/filter/parse.ts';
import type { MethodName } from '../../../protocol/methods/methods.ts';
import type { Request } from '../../handler.ts';

const NONE: SplitFilter = { native: null, residual: null };

/** The filter's two parts for a collection; both null without one. Throws `usage`. */
export async function split(
  lease: Lease,
  ref: CollectionRef,
  where: string | undefined,
  { call }: Request<MethodName>,
): Promise<SplitFilter> {
  return where === undefined ? NONE : splitFilter(lease.database, ref, parseFilter(where), call);
}

/** What a verb is told that cannot evaluate the rest itself. */
export function residualRefused(residual: Filter, { profile, endpoint }: Lease, alternative: string): VdbError {
  const { operator, field } = firstOf(residual);
  const where = field === undefined ? '' : ` on field '${field}'`;
  return new VdbError(
    'unsupported',
    `${profile.provider} at ${endpoint} cannot evaluate the operator '${operator}'${where} here`,
    {
      reason: 'filter',
      outcome: 'not_applied',
      cause: `the part it cannot evaluate: ${formatFilter(residual)}`,
      hint: alternative,
    },
  );
}

function firstOf(filter: Filter): { operator: string; field?: string } {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.length > 0 ? firstOf(filter.args[0]!) : { operator: filter.op };
    case 'not':
      return firstOf(filter.arg);
    case 'ids':
      return { operator: 'id in' };
    default:
      return { operator: filter.op, field: filter.field.join('.') };
  }
}
