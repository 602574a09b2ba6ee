import neo4j from 'neo4j-driver';
import { expect, test } from 'vitest';
import type { Layout } from '../../../src/connectors/neo4j/layout.ts';
import { noProperties, readMetadata, storeMetadata } from '../../../src/connectors/neo4j/storedMetadata.ts';
import { valueText } from '../../../src/connectors/neo4j/storedValue.ts';

const LAYOUT: Layout = {
  label: 'docs',
  own: true,
  key: { property: 'id', constrained: true },
  vectors: [{ name: '', property: 'embedding', dimension: 3, metric: 'cosine', index: 'i' }],
  document: 'document',
};

function store(metadata: string, uri?: string) {
  const properties = noProperties();
  storeMetadata(LAYOUT, metadata, uri, properties);
  return properties;
}

const skip = () => false;

test('what properties can hold stands there natively, integers and floats kept apart', () => {
  const properties = store(
    '{"s":"a\\u0000","b":true,"i":-9223372036854775808,"f":1.0,"z":-0.0,"l":[1,2],"m":[1.0,2.5],"t":["a"],"e":[]}',
  );
  expect(properties).toEqual(
    Object.assign(noProperties(), {
      s: 'a\0',
      b: true,
      i: -(2n ** 63n),
      f: 1,
      z: -0,
      l: [1n, 2n],
      m: [1, 2.5],
      t: ['a'],
      e: [],
    }),
  );
});

test('dates and places are native types; a spelling they do not have is kept beside them', () => {
  const native =
    '{"d":{"$date":"2024-01-31"},"z":{"$date":"2024-01-31T12:00:00.120Z"},"g":{"$geo":{"lat":1.5,"lon":-2.0}}}';
  const properties = store(native);
  expect(neo4j.isDate(properties.d as object)).toBe(true);
  expect(neo4j.isDateTime(properties.z as object)).toBe(true);
  expect(neo4j.isPoint(properties.g as object)).toBe(true);
  expect(properties._vdb_x).toBeUndefined();
  expect(readMetadata(properties, skip).metadata).toBe(native);

  const spelled = '{"d":{"$date":"2024-01-31T12:00+0200"},"g":{"$geo":{"lat":1,"lon":2}}}';
  const beside = store(spelled);
  expect(neo4j.isDateTime(beside.d as object)).toBe(true);
  expect(beside._vdb_x).toBe(`{"~d":{"$date":"2024-01-31T12:00+0200"},"~g":{"$geo":{"lat":1,"lon":2}}}`);
  expect(readMetadata(beside, skip).metadata).toBe(spelled);
});

test.each([
  ['null', '{"a":null}', '{"n":["a"]}'],
  ['objects', '{"a":{"b":1.0}}', '{"=a":{"b":1.0}}'],
  ['mixed lists', '{"a":[1,2.0]}', '{"=a":[1,2.0]}'],
  ['lists with null', '{"a":["x",null]}', '{"=a":["x",null]}'],
  ['integers beyond 64 bits', '{"a":18446744073709551615}', '{"=a":18446744073709551615}'],
  ['bytes, which Cypher cannot tell from a list', '{"a":{"$bytes":"AAEC"}}', '{"=a":{"$bytes":"AAEC"}}'],
  ['no date', '{"a":{"$date":"2024-02-30"}}', '{"=a":{"$date":"2024-02-30"}}'],
  [
    'an offset the server does not know',
    '{"a":{"$date":"2024-01-31T00:00+20:00"}}',
    '{"=a":{"$date":"2024-01-31T00:00+20:00"}}',
  ],
  ['no place', '{"a":{"$geo":{"lat":91,"lon":0}}}', '{"=a":{"$geo":{"lat":91,"lon":0}}}'],
  ['names that properties cannot have', '{"":1,"a\\u0000":2}', '{"=":1,"=a\\u0000":2}'],
  ['names that are something else', '{"id":1,"document":2,"embedding":3}', '{"=id":1,"=document":2,"=embedding":3}'],
])('%s are kept in the sidecar', (_, metadata, sidecar) => {
  const properties = store(metadata);
  expect(Object.keys(properties)).toEqual(['_vdb_x']);
  expect(properties._vdb_x).toBe(sidecar);
  expect(readMetadata(properties, skip).metadata).toBe(metadata);
});

test('the uri is kept, and reserved keys are refused', () => {
  expect(readMetadata(store('{}', 'x:y'), skip)).toEqual({ metadata: undefined, uri: 'x:y' });
  expect(() => store('{"_vdb_x":1}')).toThrow(expect.objectContaining({ code: 'invalid' }));
});

test('what another program wrote into a property since then goes before the sidecar', () => {
  const properties = store('{"d":{"$date":"2024-01-31T12:00Z"},"o":{"x":1},"n":null}');
  properties.d = new neo4j.types.Date(2025, 1, 1);
  properties.o = 'now text';
  properties.n = 7n;
  expect(readMetadata(properties, skip).metadata).toBe('{"d":{"$date":"2025-01-01"},"o":"now text","n":7}');
});

test('values of other programs have a JSON text', () => {
  const { types } = neo4j;
  expect(valueText(new types.LocalDateTime(2024, 1, 31, 12, 0, 5, 500_000_000))).toBe(
    '{"$date":"2024-01-31T12:00:05.500"}',
  );
  expect(valueText(new types.DateTime(2024, 1, 31, 12, 0, 0, 1, 3600, 'Europe/Berlin'))).toBe(
    '{"$date":"2024-01-31T12:00:00.000000001+01:00[Europe/Berlin]"}',
  );
  expect(valueText(new types.Duration(14, 3, 1, 0))).toBe('"P14M3DT1S"');
  expect(valueText(new types.Duration(0, 0, -2, 500_000_000))).toBe('"PT-1.5S"');
  expect(valueText(new types.Duration(0, 0, 0, 0))).toBe('"PT0S"');
  expect(valueText(new types.Point(neo4j.int(7203), 1, 2.5))).toBe('{"srid":7203,"x":1.0,"y":2.5}');
  expect(valueText(Int8Array.of(0, 1, -1))).toBe('{"$bytes":"AAH/"}');
  expect(valueText([1n, Number.NaN])).toBe('[1,"NaN"]');
});
