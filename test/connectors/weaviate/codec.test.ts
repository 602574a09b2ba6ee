import fc from 'fast-check';
import { expect, test } from 'vitest';
import { weaviateAddress } from '../../../src/connectors/weaviate/address.ts';
import { isTrimmed } from '../../../src/connectors/weaviate/hidden.ts';
import { idOf, objectId } from '../../../src/connectors/weaviate/ids.ts';
import type { Property } from '../../../src/connectors/weaviate/layout.ts';
import { nameFor } from '../../../src/connectors/weaviate/propertyName.ts';
import { parseSidecar, printSidecar } from '../../../src/connectors/weaviate/sidecar.ts';
import { storedValue, typeFor } from '../../../src/connectors/weaviate/storedValue.ts';
import { before, hyphenated, uuidRanges } from '../../../src/connectors/weaviate/uuidSpace.ts';
import { type Exact, parseExact } from '../../../src/model/json/exact.ts';

const property = (type: string, list = false): Property => {
  return { name: 'p', key: 'p', type, list, indexed: true, targets: [] };
};

test.each([
  // type, list, value, native, exact, codes
  ['number', false, '1', 1, true, ''],
  ['number', false, '1.0', 1, false, ''],
  ['number', false, '-0.0', -0, true, ''],
  ['number', false, '1e300', 1e300, true, ''],
  ['number', false, '9007199254740992', 2 ** 53, true, ''],
  ['number', false, '9007199254740993', 2 ** 53, false, ''],
  ['number', false, '18446744073709551615', 2 ** 64, false, ''],
  ['number', false, '"1"', undefined, false, 'es'],
  ['int', false, '7', 7, true, ''],
  ['int', false, '7.0', undefined, false, 'en'],
  ['int', false, '9223372036854775807', undefined, false, 'en'],
  ['text', false, '"a"', 'a', true, ''],
  ['text', false, '" a"', ' a', true, 'w'],
  ['text', false, '7', undefined, false, 'en'],
  ['text', false, '["a",1,true,null]', undefined, false, 'bens'],
  ['text', false, 'null', undefined, false, ''],
  ['boolean', false, 'true', true, true, ''],
  ['boolean', false, '{"a":true}', undefined, false, 'eo'],
  ['date', false, '{"$date":"2024-01-31T12:00:00Z"}', '2024-01-31T12:00:00Z', true, ''],
  ['date', false, '{"$date":"2024-01-31T12:00:00.100+02:00"}', '2024-01-31T12:00:00.100+02:00', false, ''],
  ['date', false, '{"$date":"2024-01-31"}', undefined, false, 'de'],
  ['date', false, '{"$date":"1500-01-31T12:00:00Z"}', undefined, false, 'de'],
  ['date', false, '{"$date":"2024-02-31T12:00:00Z"}', undefined, false, 'de'],
  ['uuid', false, '"6b823629-a1f3-5d20-9b77-350230f3fa34"', '6b823629-a1f3-5d20-9b77-350230f3fa34', true, ''],
  ['uuid', false, '"6B823629-A1F3-5D20-9B77-350230F3FA34"', undefined, false, 'es'],
  ['blob', false, '{"$bytes":"AAEC"}', 'AAEC', true, 'x'],
  ['blob', false, '{"$bytes":"//8="}', '//8=', true, 'x'],
  ['blob', false, '{"$bytes":"AAE"}', undefined, false, 'eo'],
  ['blob', false, '{"$bytes":"__8="}', undefined, false, 'eo'],
  ['blob', false, '{"$bytes":"//9="}', undefined, false, 'eo'],
  ['blob', false, '{"$bytes":""}', undefined, false, 'eo'],
  ['blob', false, '{"$bytes":"AAEC","a":1}', undefined, false, 'eo'],
  ['blob', false, '"AAEC"', undefined, false, 'es'],
  ['text', false, '{"$bytes":"AAEC"}', undefined, false, 'eo'],
  ['geoCoordinates', false, '{"$geo":{"lat":1.5,"lon":-2.0}}', { lat: 1.5, lon: -2 }, true, ''],
  ['geoCoordinates', false, '{"$geo":{"lat":52.52,"lon":13.4}}', { lat: 52.52, lon: 13.4 }, false, ''],
  ['geoCoordinates', false, '{"$geo":{"lat":91.0,"lon":0.0}}', undefined, false, 'eo'],
  ['text', true, '["a","b "]', { list: 'text', values: ['a', 'b '] }, true, 'w'],
  ['text', true, '[]', { list: 'empty' }, true, 'e'],
  ['number', true, '[]', { list: 'empty' }, true, 'e'],
  ['text', false, '[]', undefined, false, 'e'],
  ['reference', true, '[]', undefined, false, 'e'],
  ['text', true, '"a"', undefined, false, 'es'],
  ['number', true, '[1,2.5,-0.0]', { list: 'number', values: [1, 2.5, -0] }, true, ''],
  ['number', true, '[1,2.0]', { list: 'number', values: [1, 2] }, false, ''],
  ['number', true, '[1,"2"]', undefined, false, 'ens'],
  ['boolean', true, '[true]', { list: 'boolean', values: [true] }, true, ''],
  ['object', false, '{"a":1}', undefined, false, 'eo'],
])('%s list %s holds %s', (type, list, text, native, exact, codes) => {
  const stored = storedValue(property(type, list), false, parseExact(text));
  expect([stored.native, stored.exact, [...stored.codes].sort().join('')]).toEqual([native, exact, codes]);
});

test('where all numbers are floats, whole floats are exact and integers are not', () => {
  expect(storedValue(property('number'), true, 1)).toMatchObject({ native: 1, exact: true });
  expect(storedValue(property('number'), true, 1n)).toMatchObject({ native: 1, exact: false });
});

test('a value always fits the property that is made for it', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  const value: fc.Arbitrary<Exact> = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
  fc.assert(
    fc.property(value, each => {
      const type = typeFor(each);
      if (type === null) return;
      const { native } = storedValue(property(type.replace('[]', ''), type.endsWith('[]')), false, each);
      expect(native).toBeDefined();
    }),
  );
});

test('bytes get a property when its text can be there', () => {
  expect(typeFor(parseExact('{"$bytes":"AAEC"}'))).toBe('blob');
  for (const text of ['{"$bytes":""}', '{"$bytes":"AAE"}', '{"$bytes":7}', '[{"$bytes":"AAEC"}]', '[]'])
    expect(typeFor(parseExact(text)), text).toBeNull();
});

test('keys become names that the server takes, each its own', () => {
  const taken = new Set(['price', '_vdb_x']);
  const names = [
    'title',
    'Title',
    'price',
    'Price',
    'a.b',
    'a b',
    '1st',
    '_hidden',
    'id',
    'x_nullState',
    'k'.repeat(300),
  ].map(key => {
    const name = nameFor(key, taken)!;
    taken.add(name.toLowerCase());
    return name;
  });
  expect(names).toEqual([
    'title',
    'title_2',
    'price_2',
    'price_3',
    'a_b',
    'a_b_2',
    'n1st',
    'hidden',
    'id_2',
    'x_nullState_2',
    'k'.repeat(200),
  ]);
  for (const key of ['', ' ', '👋', '...', '_']) expect(nameFor(key, taken)).toBeNull();
});

test('ids are derived as data says, and read back only where they were made', () => {
  expect(objectId('6b823629-a1f3-5d20-9b77-350230f3fa34').mark).toBeUndefined();
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })), id => {
      const { uuid, mark } = objectId(id);
      expect(idOf(uuid, mark)).toBe(id);
      expect(idOf('6b823629-a1f3-5d20-9b77-350230f3fa34', mark)).toBe('6b823629-a1f3-5d20-9b77-350230f3fa34');
    }),
  );
  // Python: uuid.uuid5(uuid.UUID('6b823629-a1f3-5d20-9b77-350230f3fa34'), 's:foo')
  expect(objectId('foo').uuid).toBe('37fe65b2-7483-5a11-a7e5-f6575955e026');
  expect(objectId(7n).uuid).toBe('0424ff6d-b0a2-5e4b-978b-aa5981dcd809');
});

test('a sidecar reads as it was written', () => {
  const sidecar = {
    members: new Map([
      ['a"b', '[1.0]'],
      ['', 'null'],
    ]),
    uri: 'u',
    document: '',
  };
  expect(parseSidecar(printSidecar(sidecar)!)).toEqual(sidecar);
  expect(printSidecar({ members: new Map(), uri: undefined, document: undefined })).toBeUndefined();
});

test('ranges of UUIDs are disjoint and hold all', () => {
  for (const n of [1, 2, 3, 7, 16]) {
    const ranges = uuidRanges(n);
    expect(ranges[0]!.from).toBe('00000000-0000-0000-0000-000000000000');
    expect(ranges.at(-1)!.to).toBe('ffffffff-ffff-ffff-ffff-ffffffffffff');
    for (let i = 1; i < n; i++) expect(before(ranges[i]!.from)).toBe(ranges[i - 1]!.to);
  }
  expect(before('00000000-0000-0000-0000-000000000000')).toBeUndefined();
  expect(hyphenated('0123456789abcdef')).toBe('01234567-89ab-cdef');
});

test('white space is what the server trims', () => {
  for (const text of [' a', 'a\n', '\u0085a', 'a\u3000', '\u2028', ' '])
    expect(isTrimmed(text), JSON.stringify(text)).toBe(true);
  for (const text of ['', 'a b', '\ufeffa', 'a\u200b', '\0a'])
    expect(isTrimmed(text), JSON.stringify(text)).toBe(false);
});

test('addresses', () => {
  expect(weaviateAddress({ host: '::1' })).toMatchObject({ host: '::1', port: 8080, grpcHost: '::1', grpcPort: 50051 });
  expect(weaviateAddress({ url: 'https://h/p/' })).toMatchObject({
    secure: true,
    port: 443,
    prefix: '/p',
    grpcPort: 50051,
  });
  expect(weaviateAddress({ url: 'https://x.c0.europe.gcp.weaviate.cloud' })).toMatchObject({
    grpcHost: 'grpc-x.c0.europe.gcp.weaviate.cloud',
    grpcPort: 443,
  });
  expect(weaviateAddress({ url: 'https://x.weaviate.network' })).toMatchObject({ grpcHost: 'x.grpc.weaviate.network' });
  for (const url of ['nonsense', 'ftp://h', 'http://user:secret@h'])
    expect(() => weaviateAddress({ url })).toThrow(expect.objectContaining({ code: 'usage' }));
});
