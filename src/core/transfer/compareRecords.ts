import { type Exact, parseExact } from '../../model/json/exact.ts';
import type { RecordBatch } from '../../model/record.ts';
import { sameVector } from './compareVectors.ts';
import type { VectorRules } from './vectorRule.ts';

/** Where the two records of one id differ: `document`, `metadata.price`, `vector`, `vectors.title`, `uri`, `partition`. Empty: equal. */
export function compareRecords(
  source: RecordBatch,
  sourceRow: number,
  target: RecordBatch,
  targetRow: number,
  rules: VectorRules,
): string[] {
  const paths = source.partition === target.partition ? [] : ['partition'];
  if (source.documents?.[sourceRow] !== target.documents?.[targetRow]) paths.push('document');
  if (source.uris?.[sourceRow] !== target.uris?.[targetRow]) paths.push('uri');
  paths.push(...compareMetadata(source.metadata[sourceRow] ?? '{}', target.metadata[targetRow] ?? '{}'));
  for (const name of new Set([...source.vectors, ...target.vectors].map(column => column.name))) {
    const here = source.vectors.find(column => column.name === name);
    const there = target.vectors.find(column => column.name === name);
    if (!sameVector(here, sourceRow, there, targetRow, rules.get(name)))
      paths.push(name === '' ? 'vector' : `vectors.${name}`);
  }
  return paths;
}

function compareMetadata(source: string, target: string): string[] {
  if (source === target) return [];
  const paths: string[] = [];
  compareValues(parseExact(source), parseExact(target), 'metadata', paths);
  return paths;
}

function compareValues(a: Exact | undefined, b: Exact | undefined, path: string, paths: string[]): void {
  if (a instanceof Map && b instanceof Map) {
    for (const key of new Set([...a.keys(), ...b.keys()]))
      compareValues(a.get(key), b.get(key), `${path}.${key}`, paths);
  } else if (!same(a, b)) {
    paths.push(path);
  }
}

/** An integer is a bigint and a float a number, so 1 and 1.0 differ; -0.0 differs from 0.0. */
function same(a: Exact | undefined, b: Exact | undefined): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)));
  }
  return Object.is(a, b);
}
