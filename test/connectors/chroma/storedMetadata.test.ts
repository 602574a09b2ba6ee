import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromStored, toStored } from '../../../src/connectors/chroma/storedMetadata.ts';
import { parseExact } from '../../../src/model/json/exact.ts';
import { members } from '../../../src/model/json/members.ts';

test.each([
  ['{"s":"a","i":1,"f":1.5,"b":true,"l":["a","b"]}', '{"s":"a","i":1,"f":15e-1,"b":true,"l":["a","b"]}'],
  ['{"f":1.0,"z":-0}', '{"f":1e0,"z":0}'],
  ['{"n":[1,2]}', '{"n":[1,2],"_vdb_x>n":true}'],
  ['{"n":null}', '{"_vdb_x":"{\\"m\\":{\\"n\\":null}}"}'],
  ['{"e":[]}', '{"_vdb_x":"{\\"m\\":{\\"e\\":[]}}"}'],
  ['{"z":-0.0}', '{"z":0.0,"_vdb_x":"{\\"m\\":{\\"z\\":-0.0}}"}'],
  ['{"n":[1,2.5]}', '{"n":[1e0,25e-1],"_vdb_x>n":true,"_vdb_x":"{\\"m\\":{\\"n\\":[1,2.5]}}"}'],
  [
    '{"u":[9223372036854775808]}',
    '{"u":[9223372036854776e3],"_vdb_x>u":true,"_vdb_x":"{\\"m\\":{\\"u\\":[9223372036854775808]}}"}',
  ],
  ['{"o":{"a":1}}', '{"_vdb_x*o":true,"_vdb_x":"{\\"m\\":{\\"o\\":{\\"a\\":1}}}"}'],
  ['{"u":18446744073709551615}', '{"_vdb_x*u":true,"_vdb_x":"{\\"m\\":{\\"u\\":18446744073709551615}}"}'],
  ['{"chroma:document":"x"}', '{"_vdb_x*chroma:document":true,"_vdb_x":"{\\"m\\":{\\"chroma:document\\":\\"x\\"}}"}'],
])('%s is stored as %s', (metadata, stored) => {
  expect(toStored(metadata, 'id')).toBe(stored);
  expect(parseExact(fromStored(stored).metadata!)).toEqual(parseExact(metadata));
});

test('nothing is stored of no metadata, and an integer id is marked', () => {
  expect(toStored(undefined, 'id')).toBe('null');
  expect(toStored('{}', 'id')).toBe('null');
  expect(toStored(undefined, 7n)).toBe('{"_vdb_id":"i:7"}');
  expect(fromStored('{"_vdb_id":"i:7"}')).toEqual({ metadata: undefined, mark: 'i:7' });
});

test('reserved keys are refused', () => {
  for (const key of ['_vdb_id', '_vdb_x', '_vdb_part', '_vdb_doc', '_vdb_x*a', '_vdb_x>']) {
    expect(() => toStored(JSON.stringify({ [key]: 1 }), 'a')).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ reason: 'reserved_key' }) }),
    );
  }
  expect(toStored('{"_vdb":1,"_vdb_xy":2}', 'a')).toBe('{"_vdb":1,"_vdb_xy":2}');
});

test('what another program wrote anew wins over the sidecar', () => {
  const stored = '{"a":5,"z":1.0,"_vdb_x":"{\\"m\\":{\\"a\\":{\\"k\\":1},\\"z\\":-0.0,\\"n\\":null}}"}';
  expect(parseExact(fromStored(stored).metadata!)).toEqual(parseExact('{"a":5,"z":1.0,"n":null}'));
});

test('a sidecar that is not ours is left out, not believed', () => {
  expect(fromStored('{"a":1,"_vdb_x":5}')).toEqual({ metadata: '{"a":1}' });
  expect(fromStored('{"a":1,"_vdb_x":"{\\"other\\":1}"}')).toEqual({ metadata: '{"a":1}' });
});

test('any metadata comes back equal, and only what Chroma takes is sent', () => {
  const scalar = fc.oneof(
    fc.constantFrom('null', 'true', '-0', '-0.0', '1.0', '9223372036854775808', '1e300', '0.1', '""', '"a"'),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map(value => (String(value).match(/[.e]/) ? `${value}` : `${value}.0`)),
    fc.string().map(text => JSON.stringify(text.toWellFormed())),
  );
  const value = fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 3 }).map(items => `[${items}]`),
    scalar.map(inner => `{"k":${inner}}`),
  );
  const key = fc.oneof(
    fc.constantFrom('', '$a', '#a', 'chroma:x', 'a', 'b'),
    fc.string().map(text => text.toWellFormed()),
  );
  fc.assert(
    fc.property(fc.dictionary(key, value), entries => {
      const metadata = `{${Object.entries(entries).map(([name, text]) => `${JSON.stringify(name)}:${text}`)}}`;
      const stored = toStored(metadata, 'id');
      if (stored === 'null') expect(metadata).toBe('{}');
      for (const { key: name, kind, start, end } of stored === 'null' ? [] : members(stored)) {
        expect(name).not.toMatch(/^($|\$|#|chroma:)/);
        expect(['string', 'integer', 'float', 'boolean', 'array']).toContain(kind);
        if (kind === 'array') expect(stored.slice(start, end)).not.toBe('[]');
      }
      expect(parseExact(fromStored(stored === 'null' ? '{}' : stored).metadata ?? '{}')).toEqual(parseExact(metadata));
    }),
    { numRuns: 500 },
  );
});
