import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VectorSpec } from '../../src/model/collection.ts';
import { VdbError } from '../../src/model/errors.ts';
import { isPresent, type RecordBatch, WANT_ALL } from '../../src/model/record.ts';
import { hitLine, type ParseOptions, parseRecords, recordLine } from '../../src/model/recordLine.ts';

function only(lines: string | string[], options: ParseOptions = {}): RecordBatch {
  const { batches, faults } = parseRecords([lines].flat(), options);
  for (const fault of faults) throw fault.error;
  expect(batches).toHaveLength(1);
  return batches[0]!;
}

function fault(line: string, options: ParseOptions = {}): VdbError {
  const { faults, batches, records } = parseRecords([line], options);
  expect(batches).toEqual([]);
  expect(records).toBe(0);
  expect(faults).toHaveLength(1);
  expect(faults[0]!.error).toBeInstanceOf(VdbError);
  return faults[0]!.error as VdbError;
}

const spec = (
  name: string,
  kind: VectorSpec['kind'],
  dimension: number | null,
  element: VectorSpec['element'] = 'f32',
) => ({ name, kind, dimension, metric: null, element }) satisfies VectorSpec;

/** Lines in the form in which we print them: parsing and printing changes nothing. */
test.each([
  '{"id":"a","metadata":{}}',
  '{"id":7,"vector":[1,-0,0.1,1e-45,3.4028235e+38],"metadata":{"a":1.0,"b":-0.0,"c":18446744073709551615}}',
  '{"id":18446744073709551615,"metadata":{ "kept" : [1.50, 1E5] }}',
  '{"id":-9223372036854775808,"metadata":{},"document":"","uri":"x"}',
  '{"id":"\\u0000","vectors":{"a":[1],"":[2]},"metadata":{"__proto__":1},"document":"日本\\n","partition":"p"}',
  '{"id":"s","vector":{"indices":[0,5,4294967295],"values":[0,-0.5,1]},"metadata":{}}',
  '{"id":"s","vectors":{"only":{"indices":[],"values":[]}},"metadata":{}}',
  '{"id":"m","vector":[[1,2],[3,4]],"metadata":{}}',
  '{"id":"6b823629-a1f3-5d20-9b77-350230f3fa34","metadata":{}}',
])('%s', line => expect(recordLine(only(line), 0, WANT_ALL)).toBe(line));

test('vectors keep float32 bits', () => {
  const any = fc.integer({ min: 0, max: 0xffffffff }).map(word => new Float32Array(Uint32Array.of(word).buffer)[0]!);
  const list = fc.array(any.filter(Number.isFinite), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(list, values => {
      const vector = Float32Array.from(values);
      const batch: RecordBatch = {
        count: 1,
        partition: '',
        ids: ['a'],
        vectors: [{ name: '', kind: 'dense', element: 'f32', dimension: vector.length, values: vector }],
        metadata: [undefined],
        bytes: 0,
      };
      const read = only(recordLine(batch, 0, WANT_ALL)).vectors[0]!.values;
      expect(Buffer.from(read.buffer).equals(Buffer.from(vector.buffer))).toBe(true);
    }),
  );
});

test('other spellings of the same record', () => {
  const line =
    ' {"metadata" : { } , "vector":null,"document":null,"partition":null,"id":"a","score":1,"rawScore":[{}],"connection":"c"} ';
  expect(recordLine(only(line), 0, WANT_ALL)).toBe('{"id":"a","metadata":{}}');
  expect(only('{"id":"a","metadata":null}').metadata).toEqual([undefined]);
  expect(only('{"id":"a","vectors":null}').vectors).toEqual([]);
  expect(only('{"id":"a","vector":[1],"vectors":{"b":[2]}}').vectors.map(column => column.name)).toEqual(['', 'b']);
  expect(only('{"id":-0}').ids).toEqual([0n]);
});

test('metadata of depth 64 survives being carried in a record', () => {
  const line = `{"id":"a","metadata":{"a":${'['.repeat(63)}${']'.repeat(63)}}}`;
  expect(recordLine(only(line), 0, WANT_ALL)).toBe(line);
  expect(fault(line.replace('[', '[[').replace(']', ']]')).message).toContain('nested');
});

test('metadata is printed on one line', () => {
  expect(recordLine(only('{"id":"a","metadata":{\n"a":\r\n"b"}}'), 0, WANT_ALL)).toBe(
    '{"id":"a","metadata":{ "a": "b"}}',
  );
});

test('only the wanted parts', () => {
  const batch = only(
    '{"id":"a","vectors":{"x":[1],"":[2]},"metadata":{"k":1},"document":"d","uri":"u","partition":"p"}',
  );
  expect(recordLine(batch, 0, { vectors: false, metadata: false, document: false })).toBe('{"id":"a","partition":"p"}');
  expect(recordLine(batch, 0, { vectors: ['x'], metadata: false, document: true })).toBe(
    '{"id":"a","vectors":{"x":[1]},"document":"d","uri":"u","partition":"p"}',
  );
  expect(recordLine(batch, 0, { vectors: [''], metadata: true, document: false })).toBe(
    '{"id":"a","vector":[2],"metadata":{"k":1},"partition":"p"}',
  );
});

test('a hit can be written back', () => {
  const batch = only('{"id":"a","vector":[1],"metadata":{"k":1},"document":"d"}');
  const hit = hitLine(batch, 0, WANT_ALL, 0.25, -Infinity);
  expect(hit).toBe('{"id":"a","score":0.25,"rawScore":null,"vector":[1],"metadata":{"k":1},"document":"d"}');
  expect(recordLine(only(hit), 0, WANT_ALL)).toBe(recordLine(batch, 0, WANT_ALL));
});

test.each<[string, string, string?]>([
  ['{}', 'the record has no "id"', undefined],
  ['', 'an object expected', 'syntax'],
  ['[]', 'an object expected', 'syntax'],
  ['{"id":"a"} {}', 'the end of the text expected', 'syntax'],
  ['{"id":""}', '"id" is empty'],
  ['{"id":null}', '"id" is neither text nor an integer'],
  ['{"id":1.0}', '"id" is neither text nor an integer'],
  ['{"id":true}', '"id" is neither text nor an integer'],
  ['{"id":18446744073709551616}', 'outside of', 'integer_range'],
  ['{"id":"a","id":"b"}', 'stands twice', 'duplicate_key'],
  ['{"id":"\\ud800"}', 'surrogate', 'syntax'],
  ['{"id":"a","price":1}', 'no member "price"', undefined],
  ['{"id":"a","document":1}', '"document" is not text'],
  ['{"id":"a","partition":["x"]}', '"partition" is not text'],
  ['{"id":"a","metadata":[]}', '"metadata" is not an object'],
  ['{"id":"a","metadata":{"a":{"b":1,"b":2}}}', 'stands twice', 'duplicate_key'],
  ['{"id":"a","metadata":{"a":1e999}}', 'beyond binary64', 'not_finite'],
  ['{"id":"a","metadata":{"a":99999999999999999999}}', 'outside of', 'integer_range'],
  ['{"id":"a","vector":[]}', 'the vector is empty'],
  ['{"id":"a","vector":[1,1e39]}', 'beyond float32', 'not_finite'],
  ['{"id":"a","vector":[1,null]}', 'a number expected'],
  ['{"id":"a","vector":"x"}', 'an array'],
  ['{"id":"a","vector":[1,[2]]}', 'a number expected'],
  ['{"id":"a","vector":[[1],2]}', 'an array expected'],
  ['{"id":"a","vector":[[1,2],[3]]}', 'a row of the vector has 1 components, expected 2', 'dimension_mismatch'],
  ['{"id":"a","vector":[1],"vectors":{"":[1]}}', 'stands twice', 'duplicate_key'],
  ['{"id":"a","vectors":{"x":[1],"x":[1]}}', 'stands twice', 'duplicate_key'],
  ['{"id":"a","vector":{"indices":[1],"values":[1,2]}}', 'not as many'],
  ['{"id":"a","vector":{"indices":[1]}}', 'lacks indices or values'],
  ['{"id":"a","vector":{"indices":[1],"values":[1],"x":1}}', 'holds "x" besides'],
  ['{"id":"a","vector":{"indices":[2,1,2],"values":[1,2,3]}}', 'the index 2 twice'],
  ['{"id":"a","vector":{"indices":[1.5],"values":[1]}}', 'the index 1.5'],
  ['{"id":"a","vector":{"indices":[-1],"values":[1]}}', 'the index -1'],
  ['{"id":"a","vector":{"indices":[4294967296],"values":[1]}}', 'the index 4294967296'],
])('%s is refused', (line, message, reason = 'syntax') => {
  const error = fault(line);
  expect(error.code).toBe('invalid');
  expect(error.message).toContain(message);
  if (!message.startsWith('the record has') && !message.startsWith('no member'))
    expect(error.details.reason).toBe(reason);
});

test('bad lines do not touch good ones', () => {
  const { batches, faults, records } = parseRecords(
    [
      '{"id":"a","vector":[1,2]}',
      '{"id":"b","vector":[1,2,3]}',
      'x',
      '{"id":"c","vector":[3,4]}',
      '{"id":"c","vector":[[1]]}',
    ],
    {},
  );
  expect(records).toBe(2);
  expect(faults.map(({ index }) => index)).toEqual([1, 2, 4]);
  expect((faults[0]!.error as VdbError).details).toMatchObject({
    reason: 'dimension_mismatch',
    data: { vector: '', expected: 2, got: 3 },
  });
  expect(faults[2]!.error.message).toBe('the vector is multi, expected dense');
  expect(batches[0]!.ids).toEqual(['a', 'c']);
  expect([...batches[0]!.vectors[0]!.values]).toEqual([1, 2, 3, 4]);
});

test('a line that fails decides nothing for the lines behind it', () => {
  const { faults } = parseRecords(
    [
      '{"id":1.5,"vector":[1,2,3]}',
      '{"id":"a","vectors":{"x":[1],"y":[1]}}',
      '{"id":"b","vectors":{"z":[1,2],"y":[1,2]}}',
      '{"id":"c","vector":[1,2],"vectors":{"z":[1]}}',
    ],
    {},
  );
  expect(faults.map(({ index }) => index)).toEqual([0, 2]);
});

test('the last of an id wins, in the place of the first', () => {
  const batch = only([
    '{"id":"a","vector":[1],"document":"old","vectors":{"s":{"indices":[1],"values":[1]}}}',
    '{"id":"b","vector":[2]}',
    '{"id":"a","metadata":{"new":true},"vectors":{"m":[[1]]}}',
  ]);
  expect(batch.ids).toEqual(['a', 'b']);
  expect(recordLine(batch, 0, WANT_ALL)).toBe('{"id":"a","vectors":{"m":[[1]]},"metadata":{"new":true}}');
  expect(batch.vectors.map(column => column.name)).toEqual(['', 'm']);
  expect(batch.documents).toBeUndefined();
  expect([...batch.vectors[0]!.values]).toEqual([0, 2]);
});

test('7 and "7" are two records', () => expect(only(['{"id":7}', '{"id":"7"}', '{"id":7}']).ids).toEqual([7n, '7']));

test('one batch per partition, in order', () => {
  const { batches, records } = parseRecords(
    [
      '{"id":"a","partition":"y","vector":[1]}',
      '{"id":"a","vector":[2]}',
      '{"id":"b","partition":"y"}',
      '{"id":"a","partition":"y","vector":[3]}',
    ],
    {},
  );
  expect(records).toBe(4);
  expect(batches.map(({ partition, ids }) => [partition, ids])).toEqual([
    ['y', ['a', 'b']],
    ['', ['a']],
  ]);
  expect([...batches[0]!.vectors[0]!.values]).toEqual([3, 0]);
  expect(batches[0]!.vectors[0]!.present).toEqual(Uint8Array.of(1));
  expect(batches[1]!.vectors[0]!.present).toBeUndefined();
});

test('records that lack a vector', () => {
  const count = 700;
  const batch = only(
    Array.from({ length: count }, (_, i) => (i % 3 ? `{"id":${i}}` : `{"id":${i},"vector":[${i},1]}`)),
  );
  const column = batch.vectors[0]!;
  for (let row = 0; row < count; row++) {
    expect(isPresent(column, row)).toBe(row % 3 === 0);
    expect([...column.values.subarray(row * 2, row * 2 + 2)]).toEqual(row % 3 ? [0, 0] : [row, 1]);
    if (row % 3) expect(recordLine(batch, row, WANT_ALL)).toBe(`{"id":${row},"metadata":{}}`);
  }
});

test('the collection decides kind, dimension and element', () => {
  const vectors = [spec('', 'dense', 2), spec('m', 'multi', 2), spec('s', 'sparse', 10)];
  expect(fault('{"id":"a","vector":[1,2,3]}', { vectors }).message).toBe('the vector has 3 components, expected 2');
  expect(fault('{"id":"a","vector":[[1,2]]}', { vectors }).message).toBe('the vector is multi, expected dense');
  expect(fault('{"id":"a","vectors":{"m":[[1]]}}', { vectors }).details.reason).toBe('dimension_mismatch');
  expect(fault('{"id":"a","vectors":{"s":{"indices":[10],"values":[1]}}}', { vectors }).details.reason).toBe(
    'dimension_mismatch',
  );
  const empty = '{"id":"a","vectors":{"m":[]},"metadata":{}}';
  expect(recordLine(only(empty, { vectors }), 0, WANT_ALL)).toBe(empty);
});

test.each<[VectorSpec['element'], string, string, string]>([
  ['u8', '[0,255,7]', '[0,256,7]', '[0,7.5,7]'],
  ['bit', '[1,0,0,1,1,1,1,1,1,0,1]', '[1,0,0,1,1,1,1,1,1,0,2]', '[1,0,0,1,1,1,1,1,1,0,-1]'],
  ['f16', '[0.1,0.5]'.replace('0.1', '0.099975586'), '[0.1,0.5]', '[65520,0.5]'],
])('%s elements are exact or refused', (element, good, bad, worse) => {
  const vectors = [spec('', 'dense', null, element)];
  const line = (vector: string) => `{"id":"a","vector":${vector},"metadata":{}}`;
  const batch = only(line(good), { vectors });
  expect(recordLine(batch, 0, WANT_ALL)).toBe(line(good));
  expect(batch.vectors[0]).toMatchObject({ element, dimension: JSON.parse(good).length });
  for (const text of [bad, worse]) expect(fault(line(text), { vectors }).message).toContain('cannot hold exactly');
});

test('bits of a replaced record do not shine through', () => {
  const vectors = [spec('', 'dense', 3, 'bit')];
  const batch = only(['{"id":"a","vector":[1,1,1]}', '{"id":"a","vector":[0,1,0]}'], { vectors });
  expect([...batch.vectors[0]!.values]).toEqual([0b01000000]);
});

test('flat objects of someone else', () => {
  const options = { idField: 'sku', vectorField: 'emb' };
  const line =
    '{"sku":5,"id":"kept","emb":[1,2],"price":1.50,"score":2,"document":"d","metadata":{"a\\u0062":1},"x":{"y":[1]}}';
  const batch = only(line, options);
  expect(batch.ids).toEqual([5n]);
  expect(batch.metadata).toEqual(['{"id":"kept","price":1.50,"score":2,"ab":1,"x":{"y":[1]}}']);
  expect(batch.documents).toEqual(['d']);
  expect([...batch.vectors[0]!.values]).toEqual([1, 2]);
  expect(only('{"sku":"a"}', options).metadata).toEqual([undefined]);
  expect(fault('{"sku":"a","x":1,"metadata":{"x":2}}', options).details.reason).toBe('duplicate_key');
  expect(fault('{"id":"a"}', options).message).toBe('the record has no "sku"');
  expect(only('{"sku":"a","vector":[1],"vectors":{"v":[2]}}', { idField: 'sku' }).vectors).toHaveLength(2);
});
