import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Json, Num, parseJson } from '../../doubles/qdrant/json.ts';
import { type QdrantDouble, startQdrant } from '../../doubles/qdrant/server.ts';

interface Exchange {
  n: number;
  method: string;
  path: string;
  apiKey: 'none' | 'wrong' | 'read-only' | 'full';
  note?: string;
  request?: string;
  status: number;
  contentType: string | null;
  response: string;
}

const FILE = join(import.meta.dirname, '../../doubles/qdrant/recorded/qdrant-1.18.3.ndjson');
const EXCHANGES = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Exchange);
const KEYS = { none: undefined, wrong: 'no-such-key', 'read-only': 'key-ro', full: 'key-rw' };
/** What tells one server from another. */
const VARYING = [
  'operation_id',
  'time',
  'indexed_vectors_count',
  'segments_count',
  'name',
  'creation_time',
  'size',
  'checksum',
];
/** How the engine orders equal scores within a prefetch depends on its segments; fusion turns that into other scores. */
const TIES = 130;

let double: QdrantDouble;
beforeAll(async () => {
  double = await startQdrant({ apiKey: 'key-rw', readOnlyKey: 'key-ro' });
});
afterAll(() => double.close());

/** Values that compare as what they mean: numbers by type and value, members in any order. */
function comparable(json: Json, ignore: string[]): unknown {
  if (json instanceof Num)
    return json.isFloat ? { float: Object.is(json.value, -0) ? '-0' : json.value } : BigInt(json.text);
  if (Array.isArray(json)) return json.map(item => comparable(item, ignore));
  if (!(json instanceof Map)) return json;
  return Object.fromEntries(
    [...json].filter(([key]) => !ignore.includes(key)).map(([key, item]) => [key, comparable(item, ignore)]),
  );
}

/** `status.error` of parse errors is worded by serde. */
function body(text: string, contentType: string | null, ignore: string[]): unknown {
  if (contentType !== 'application/json') return text;
  return comparable(parseJson(text.replace(/"Format error in JSON body: [^}]*"/, '"Format error"'), Number), ignore);
}

test('156 requests sent to a real Qdrant 1.18.3 are answered as it answered them', async () => {
  expect(EXCHANGES).toHaveLength(156);
  const wrong: string[] = [];
  for (const { n, method, path, apiKey, note, request, status, contentType, response } of EXCHANGES) {
    const key = note === 'key as bearer' ? 'key-rw' : KEYS[apiKey];
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (key !== undefined && note === 'key as bearer') headers.authorization = `Bearer ${key}`;
    else if (key !== undefined) headers['api-key'] = key;
    const answer = await fetch(double.url + path, { method, headers, ...(request !== undefined && { body: request }) });
    const text = await answer.text();
    const snapshot = path.endsWith('/snapshots');
    const ignore = snapshot ? VARYING : VARYING.slice(0, 4);
    const differs = () => {
      if (answer.status !== status || answer.headers.get('content-type') !== contentType) return true;
      if (n === TIES) return idsIn(text) !== idsIn(response);
      return !isDeepEqual(body(text, contentType, ignore), body(response, contentType, ignore));
    };
    if (differs())
      wrong.push(`${n} ${method} ${path}\n  got      ${answer.status} ${text}\n  recorded ${status} ${response}`);
  }
  expect(wrong.join('\n')).toBe('');
});

function isDeepEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toStrictEqual(b);
    return true;
  } catch {
    return false;
  }
}

function idsIn(text: string): string {
  const { result } = JSON.parse(text) as { result: { points: { id: number }[] } };
  return result.points
    .map(({ id }) => id)
    .sort((a, b) => a - b)
    .join();
}
