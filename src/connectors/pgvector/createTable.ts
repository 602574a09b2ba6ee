import type { CollectionSpec, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { indexSql, parseIndexOptions } from './indexes.ts';
import type { Mark } from './introspect.ts';
import type { VectorType } from './layout.ts';
import { identifier, literal } from './quote.ts';
import type { SqlStep } from './sqlLink.ts';

/** PostgreSQL cuts longer names without a word. */
export const NAME_BYTES = 63;

/** What one column may hold (VECTOR_MAX_DIM, HALFVEC_MAX_DIM of pgvector 0.8). */
export const DIMENSIONS = 16_000;

/** The same of bits (MaxAttrSize, 10 MiB, in bits; PostgreSQL 18, varbit.c). */
export const BITS = 83_886_080;

const TAKEN = ['id', 'document', 'metadata'];

export function checkName(name: string, what: string): void {
  if (name !== '' && !name.includes('\0') && Buffer.byteLength(name) <= NAME_BYTES) return;
  throw new VdbError(
    'invalid',
    `${JSON.stringify(name.slice(0, 80))} is not a ${what} name: 1 to ${NAME_BYTES} bytes`,
    {
      ...(name !== '' && { reason: 'too_large' as const }),
      outcome: 'not_applied',
    },
  );
}

/** The statements, for one transaction, that make a collection. Throws `invalid`, `unsupported`. */
export function createSteps(table: { schema: string; table: string }, spec: CollectionSpec): SqlStep[] {
  checkName(table.table, 'collection');
  checkName(table.schema, 'schema');
  const mark: Mark = { version: 1, vectors: [] };
  const columns = ['id text collate "C" primary key'];
  const name = `${identifier(table.schema)}.${identifier(table.table)}`;
  const steps: SqlStep[] = [];
  const options = parseIndexOptions(spec);
  for (const vector of spec.vectors) {
    const column = columnName(vector.name, mark);
    checkName(column, 'vector');
    const type = vectorType(vector);
    const dimension = vector.dimension ?? (type === 'sparsevec' ? null : undefined);
    if (dimension === undefined) throw invalid(`the vector '${vector.name}' has no dimension`);
    const most = type === 'bit' ? BITS : DIMENSIONS;
    if (dimension !== null && type !== 'sparsevec' && dimension > most) {
      throw invalid(`a column holds at most ${most} dimensions, not ${dimension}`);
    }
    columns.push(`${identifier(column)} ${columnType(type, dimension)}`);
    mark.vectors.push({ column, name: vector.name, metric: vector.metric });
    for (const index of options(vector)) {
      steps.push({ sql: indexSql(name, column, type, index) });
    }
  }
  columns.push('document text', 'metadata jsonb');
  return [{ sql: `create table ${name} (${columns.join(', ')})` }, { sql: commentSql(name, mark) }, ...steps];
}

export function commentSql(table: string, mark: Mark): string {
  return `comment on table ${table} is ${literal(JSON.stringify({ vdb: mark }))}`;
}

/** The unnamed vector is `embedding`, as in most tables of pgvector users; others have their own names. */
function columnName(name: string, mark: Mark): string {
  const used = [...TAKEN, ...mark.vectors.map(each => each.column)];
  let column = name === '' ? 'embedding' : name;
  while (used.includes(column)) column = `v_${column}`;
  return column;
}

function columnType(type: VectorType, dimension: number | null): string {
  if (dimension === null) return type;
  return type === 'vector[]' ? `vector(${dimension})[]` : `${type}(${dimension})`;
}

function vectorType(vector: VectorSpec): VectorType {
  if (vector.kind === 'sparse') return 'sparsevec';
  if (vector.kind === 'multi' && vector.element === 'f32') return 'vector[]';
  if (vector.kind === 'dense' && vector.element === 'f32') return 'vector';
  if (vector.kind === 'dense' && vector.element === 'f16') return 'halfvec';
  if (vector.kind === 'dense' && vector.element === 'bit') return 'bit';
  throw new VdbError('unsupported', `a column cannot hold ${vector.kind} vectors of ${vector.element}`, {
    outcome: 'not_applied',
  });
}

function invalid(message: string): VdbError {
  return new VdbError('invalid', message, { outcome: 'not_applied' });
}
