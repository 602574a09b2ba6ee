import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import { readAnswer } from './answer.ts';
import { type Collection, operation, type Server } from './collection.ts';
import { conjuncts, idsIn, whereOf } from './filterWhere.ts';
import { findIds } from './ids.ts';
import { allOf, printWhere, type Where } from './where.ts';

/** Which records: those of these ids (as they are stored) that `where` (JSON text) matches; neither for all. */
export interface Query {
  ids?: string[];
  where?: string;
}

/** A request's body. */
export function bodyOf({ ids, where }: Query, rest: Record<string, unknown>): string {
  const text = JSON.stringify(ids === undefined ? rest : { ids, ...rest });
  return where === undefined ? text : `{"where":${where},${text.slice(1)}`;
}

/** The filter as a query, null when nothing can match. Throws `unsupported` for what only the evaluator can (see `split`). */
export async function queryOf(
  server: Server,
  collection: Collection,
  filter: Filter | undefined,
  call: Call,
): Promise<Query | null> {
  const parts = filter === undefined ? [] : conjuncts(filter);
  const wheres = parts.filter(part => part.op !== 'ids').map(whereOf);
  if (wheres.includes(null)) {
    throw new VdbError('unsupported', `'${collection.name}' cannot evaluate the filter itself`, {
      reason: 'filter',
      outcome: 'not_applied',
      hint: 'Chroma knows =, !=, in and has, and <, <=, > and >= for numbers; filter with these, or scan.',
    });
  }
  const where = allOf(wheres as Where[]);
  if (where === false) return null;
  const asked = idsIn(parts);
  const ids = asked && (await findIds(server, collection, asked, call)).map(String);
  if (ids?.length === 0) return null;
  return { ...(ids && { ids }), ...(where !== true && { where: printWhere(where) }) };
}

/** Ids as they are stored, in the collection's order. */
export async function idsOf(
  { link, root }: Server,
  collection: Collection,
  query: Query,
  call: Call,
  page: { limit?: number; offset?: number } = {},
): Promise<string[]> {
  const path = operation(root, collection, 'get');
  const text = await link.send('POST', path, bodyOf(query, { ...page, include: [] }), call);
  return readAnswer(text).ids;
}
