export type Metadata = Record<string, string | number | boolean | string[]>;

/** A request that the server would refuse with 400. */
export class Refused extends Error {}

type Scalar = string | number | boolean;

/**
 * Pinecone's filter language. `missingIsNotEqual`: whether `$ne` and `$nin` match records that lack the field, which is not
 * documented; a client must be right either way.
 */
export function matchFilter(filter: unknown, metadata: Metadata, missingIsNotEqual: boolean): boolean {
  const entries = entriesOf(filter, 'a filter');
  return entries.every(([key, condition]) => {
    if (key === '$and' || key === '$or') {
      if (!Array.isArray(condition) || condition.length === 0) throw new Refused(`${key} needs a list of filters`);
      const test = (part: unknown): boolean => matchFilter(part, metadata, missingIsNotEqual);
      // Every part is looked at, so that a bad one is refused whatever the others say.
      const results = condition.map(test);
      return key === '$and' ? results.every(Boolean) : results.some(Boolean);
    }
    if (key.startsWith('$')) throw new Refused(`${key} is not a valid operator`);
    const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
    if (isScalar(condition)) return equals(value, condition);
    return entriesOf(condition, `the condition on ${key}`)
      .map(([operator, operand]) => holds(value, operator, operand, missingIsNotEqual))
      .every(Boolean);
  });
}

function entriesOf(value: unknown, what: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refused(`${what} is no object`);
  const entries = Object.entries(value);
  if (entries.length === 0) throw new Refused(`${what} is empty`);
  return entries;
}

function holds(value: Metadata[string] | undefined, operator: string, operand: unknown, missing: boolean): boolean {
  switch (operator) {
    case '$eq':
      return equals(value, scalar(operand, operator));
    case '$ne':
      return value === undefined ? missing : !equals(value, scalar(operand, operator));
    case '$in':
      return list(operand, operator).some(each => equals(value, each));
    case '$nin': {
      const values = list(operand, operator);
      return value === undefined ? missing : !values.some(each => equals(value, each));
    }
    case '$exists':
      if (typeof operand !== 'boolean') throw new Refused('$exists takes a boolean');
      return (value !== undefined) === operand;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte': {
      if (typeof operand !== 'number') throw new Refused(`${operator} takes a number`);
      if (typeof value !== 'number') return false;
      if (operator === '$gt') return value > operand;
      if (operator === '$gte') return value >= operand;
      return operator === '$lt' ? value < operand : value <= operand;
    }
    default:
      throw new Refused(`${operator} is not a valid operator`);
  }
}

/** A list of strings is equal to each of its strings. */
function equals(value: Metadata[string] | undefined, operand: Scalar): boolean {
  return Array.isArray(value) ? value.includes(operand as string) : value === operand;
}

function scalar(operand: unknown, operator: string): Scalar {
  if (!isScalar(operand)) throw new Refused(`${operator} takes a string, number or boolean`);
  return operand;
}

function list(operand: unknown, operator: string): Scalar[] {
  if (!Array.isArray(operand) || operand.length === 0) throw new Refused(`${operator} takes a list`);
  if (operand.length > 10_000) throw new Refused(`${operator} takes at most 10,000 values`);
  const kinds = new Set(operand.map(each => typeof each));
  if (kinds.size > 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw new Refused(`${operator} takes strings or numbers`);
  }
  return operand as Scalar[];
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
