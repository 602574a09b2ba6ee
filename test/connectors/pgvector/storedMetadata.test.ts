import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromStored, plainDecimal, toStored } from '../../../src/connectors/pgvector/storedMetadata.ts';
import { type Exact, parseExact, printExact } from '../../../src/model/json/exact.ts';

const NONE = { id: undefined, uri: undefined, document: undefined };

test('plain text goes through as it stands', () => {
  const text = '{"a": 1.0, "b":[1,2.5,"2024-01-02"], "c":{"d":null}, "e":"-0"}';
  expect(toStored(text, NONE)).toBe(text);
  expect(toStored(undefined, NONE)).toBe('{}');
});

test('what jsonb would change stands beside it', () => {
  expect(toStored('{"a":1e21,"b":1.5e300,"c":2E-3}', NONE)).toBe(
    `{"a":1${'0'.repeat(21)}.0,"b":${BigInt(1.5e300)}.0,"c":0.002}`,
  );
  expect(toStored('{"z":-0.0,"k":1}', NONE)).toBe('{"_vdb_x":"{\\"m\\":{\\"z\\":-0.0}}","z":0.0,"k":1}');
  expect(toStored('{"s":"a\\u0000b"}', NONE)).toContain('"s":"a\\u0001b"');
  expect(toStored('{}', { ...NONE, id: 7n })).toBe('{"_vdb_id":"i:7"}');
});

test('reserved keys are refused, however they are spelled', () => {
  for (const text of ['{"_vdb_id":1}', '{"_vdb_x":"{}"}', '{"\\u005fvdb_id":1}', '{"_vdb_doc":null}']) {
    expect(() => toStored(text, NONE)).toThrow('reserved');
  }
  expect(toStored('{"_vdb_other":1,"a":{"_vdb_id":1}}', NONE)).toBe('{"_vdb_other":1,"a":{"_vdb_id":1}}');
});

test('a float in plain decimal reads back to the same', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      const text = plainDecimal(value);
      expect(text).toMatch(/^-?\d+\.\d+$/);
      expect(Number(text)).toBe(value === 0 ? 0 : value);
    }),
  );
});

const key = fc.oneof(fc.constantFrom('a', 'a\0', 'a\x01', '', '__proto__', '1'), fc.string({ maxLength: 4 }));

/** Any exact JSON value. */
const { value } = fc.letrec<{ value: Exact }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Exact>(null, true, -0, 0, 1e21, 5e-324, 0n, -7n, 2n ** 64n - 1n, 'a\0b', '', '\x01'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map(entries => new Map(entries)),
  ),
}));

test('any metadata comes back exactly', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, value), { maxLength: 5 }),
      fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      fc.boolean(),
      (entries, uri, document, integer) => {
        const metadata = new Map<string, Exact>(entries);
        const id = integer ? 7n : 'x';
        const stored = toStored(printExact(metadata), { id, uri, document });
        expect(stored.replaceAll('\\\\', '')).not.toContain('\\u0000');
        const restored = fromStored(stored);
        expect(sorted(parseExact(restored.metadata ?? '{}'))).toEqual(sorted(metadata));
        expect(restored.uri).toBe(uri);
        expect(restored.document).toBe(document);
        expect(restored.id).toBe(integer ? 'i:7' : undefined);
      },
    ),
  );
});

/** Members have no order. */
function sorted(value: Exact): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!(value instanceof Map)) return value;
  return [...value].map(([name, item]) => [name, sorted(item)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}
