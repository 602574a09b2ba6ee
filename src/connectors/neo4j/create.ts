import type { Call } from '../../core/connector.ts';
import type { CollectionSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { awaitIndexes, createIndex, type IndexSpec, parseIndexOptions } from './indexes.ts';
import { DOCUMENT, EMBEDDING, ID, indexName, LOADING, ownName, RESERVED } from './layout.ts';
import type { Neo4jLink } from './link.ts';
import { quote } from './quote.ts';
import { empty } from './remove.ts';

export interface Plan {
  label: string;
  indexes: IndexSpec[];
}

/** What a new collection is made of. Throws `invalid` before anything is made. */
export function planCollection(spec: CollectionSpec): Plan {
  checkName(spec.name, 'collection');
  if (spec.name === LOADING) throw invalid(`the name '${LOADING}' is reserved`);
  const options = parseIndexOptions(spec);
  const indexes = spec.vectors.map(({ name, dimension, metric }) => {
    const property = name === '' ? EMBEDDING : name;
    checkName(property, 'vector');
    if ([ID, DOCUMENT, ...RESERVED].includes(property)) throw invalid(`a vector cannot be named '${name}' here`);
    return {
      name: indexName(spec.name, name),
      property,
      options: { dimensions: dimension!, similarity_function: metric ?? 'cosine', ...options(name) },
    };
  });
  if (new Set(indexes.map(each => each.property)).size < indexes.length) {
    throw invalid(`a vector named '${EMBEDDING}' and one without a name would be the same property`);
  }
  return { label: spec.name, indexes };
}

/** Makes the constraint first, which is the mark of a collection of ours and refuses a second one. */
export async function createCollection(link: Neo4jLink, { label, indexes }: Plan, call: Call): Promise<void> {
  await link.run(
    `CREATE CONSTRAINT ${quote(ownName(label))} FOR (n:${quote(label)}) REQUIRE n.${quote(ID)} IS UNIQUE`,
    {},
    call,
  );
  try {
    for (const index of indexes) await createIndex(link, label, index, call);
    await awaitIndexes(link, label, call);
  } catch (error) {
    await dropSchema(link, label, call);
    throw error;
  }
}

/** Empties a label and deletes what is declared for it alone; vector indexes first, since they make deleting slow. */
export async function dropCollection(link: Neo4jLink, label: string, call: Call): Promise<void> {
  await dropIndexesOf(link, label, call, 'VECTOR');
  await empty(link, label, call);
  await link.run(`MATCH (s:${LOADING} {label: $label}) DELETE s`, { label }, call);
  await dropSchema(link, label, call);
}

async function dropSchema(link: Neo4jLink, label: string, call: Call): Promise<void> {
  const constraints = await link.read(
    `SHOW CONSTRAINTS YIELD name, entityType, labelsOrTypes WHERE entityType = 'NODE' AND labelsOrTypes = [$label] RETURN name`,
    { label },
    call,
  );
  for (const row of constraints) await link.run(`DROP CONSTRAINT ${quote(row.get(0))} IF EXISTS`, {}, call);
  await dropIndexesOf(link, label, call, '');
}

async function dropIndexesOf(link: Neo4jLink, label: string, call: Call, type: string): Promise<void> {
  const rows = await link.read(
    `SHOW INDEXES YIELD name, type, entityType, labelsOrTypes, owningConstraint WHERE entityType = 'NODE'
    AND labelsOrTypes = [$label] AND owningConstraint IS NULL AND type STARTS WITH $type RETURN name`,
    { label, type },
    call,
  );
  for (const row of rows) await link.run(`DROP INDEX ${quote(row.get(0))} IF EXISTS`, {}, call);
}

/** The server takes any name that is not empty and holds no NUL. */
function checkName(name: string, what: string): void {
  if (name === '') throw invalid(`the ${what} has no name`);
  if (name.includes('\0') || !name.isWellFormed())
    throw invalid(`the name of the ${what} holds a character that no name can`);
}

function invalid(message: string): VdbError {
  return new VdbError('invalid', message, { outcome: 'not_applied' });
}
