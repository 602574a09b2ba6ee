import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qdrantAddress } from '../../../src/connectors/qdrant/address.ts';
import { derived, markedId, mayBeDerived, pointId, successor } from '../../../src/connectors/qdrant/ids.ts';
import { parsePath, pathText } from '../../../src/connectors/qdrant/jsonPath.ts';
import { toPayload } from '../../../src/connectors/qdrant/payload.ts';
import { nearly, readableFloats } from '../../../src/connectors/qdrant/readableFloats.ts';
import { queryJson, vectorJson } from '../../../src/connectors/qdrant/vectorJson.ts';
import { VdbError } from '../../../src/model/errors.ts';
import { parsePath as stepsOf } from '../../doubles/qdrant/jsonPath.ts';
import { serdeFloat } from '../../doubles/qdrant/serdeFloat.ts';

const parts = { metadata: undefined, mark: undefined, document: undefined, uri: undefined };

test('a payload is the metadata with the document in its place, and marks only where they are needed', () => {
  expect(toPayload(parts, 'document')).toBe('{}');
  expect(toPayload({ ...parts, metadata: '{"a":1.0,"n":null}' }, 'document')).toBe('{"a":1.0,"n":null}');
  expect(toPayload({ ...parts, metadata: '{ }', document: '' }, 'document')).toBe('{"document":""}');
  expect(toPayload({ ...parts, metadata: '{"a":1}', document: 'd' }, 'page_content')).toBe(
    '{"page_content":"d","a":1}',
  );
  expect(toPayload({ ...parts, metadata: '{"document":7}', document: 'd' }, 'document')).toBe(
    '{"_vdb_doc":"d","document":7}',
  );
  expect(toPayload({ ...parts, metadata: '{"document":"m"}' }, 'document')).toBe('{"_vdb_doc":null,"document":"m"}');
  expect(toPayload({ ...parts, metadata: '{"\\u0064ocument":"m"}' }, 'document')).toMatch(/^{"_vdb_doc":null,/);
  expect(toPayload({ ...parts, metadata: '{"document":7}' }, 'document')).toBe('{"document":7}');
  expect(toPayload({ ...parts, mark: 's:x', uri: 'u' }, 'document')).toBe('{"_vdb_id":"s:x","_vdb_x":{"u":"u"}}');
  expect(() => toPayload({ ...parts, metadata: '{"_vdb_id":1}' }, 'document')).toThrow(VdbError);
  expect(() => toPayload({ ...parts, metadata: '{"\\u005fvdb_x":1}' }, 'document')).toThrow("'_vdb_x' is reserved");
});

test('integers and UUIDs are native ids, all others are derived and found again by their mark', () => {
  expect(pointId(18446744073709551615n)).toEqual({ json: '18446744073709551615', mark: undefined });
  expect(pointId('6b823629-a1f3-5d20-9b77-350230f3fa34').mark).toBeUndefined();
  expect(pointId('6B823629-A1F3-5D20-9B77-350230F3FA34').mark).toBe('s:6B823629-A1F3-5D20-9B77-350230F3FA34');
  expect(pointId(-7n).mark).toBe('i:-7');
  // Made with Python's uuid.uuid5 in the same namespace.
  expect(derived('s:doc-1')).toBe(PYTHON['s:doc-1']);
  expect(derived('i:-7')).toBe(PYTHON['i:-7']);
  for (const id of ['doc-1', -7n, 'ü\0', '7', '']) {
    const { json, mark } = pointId(id);
    expect(markedId(JSON.parse(json), mark!)).toBe(id);
    expect(markedId(derived('s:another'), mark!)).toBeUndefined();
  }
  expect(mayBeDerived(pointId(derived('s:a')))).toBe(true);
  expect(mayBeDerived(pointId('5c56c793-69f3-4fbf-87e6-c4bf54c28c26'))).toBe(false);
});

const PYTHON = {
  's:doc-1': 'a25cca91-b877-5878-90f0-eb8c6e0c94a5',
  'i:-7': '556d5dfe-dd4a-586a-9da5-b942e2796cd2',
};

test('the successor of a point follows scroll order: integers, then UUIDs, then nothing', () => {
  expect(successor(0n)).toBe(1n);
  expect(successor(2n ** 64n - 1n)).toBe('00000000-0000-0000-0000-000000000000');
  expect(successor('00000000-0000-0000-0000-0000000000ff')).toBe('00000000-0000-0000-0000-000000000100');
  expect(successor('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBeUndefined();
});

test('paths that Qdrant reads are the keys that were meant', () => {
  expect(pathText(['a', 'b'])).toBe('a.b');
  expect(pathText(['a.b', 'é', 'x[]'])).toBe('"a.b"."é"."x[]"');
  expect(pathText(['say "x"'])).toBeUndefined();
  expect(pathText([''])).toBeUndefined();
  expect(parsePath('tags[].name')).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }), path => {
      const text = pathText(path);
      if (text === undefined) {
        expect(path.some(key => /["\\]/.test(key))).toBe(true);
        return;
      }
      expect(stepsOf(text)).toEqual(path.map(key => ({ key })));
      expect(parsePath(text)).toEqual(path);
    }),
  );
});

test('a float is spelled so that an exact reader and the nearly exact one of the server agree, or said to be inexact', () => {
  expect(serdeFloat('117.63331139400017')).not.toBe(117.63331139400017);
  expect(readableFloats('{"a":117.63331139400017,"s":"117.63331139400017"}').text).toMatch(/"s":"117.63331139400017"/);
  expect(readableFloats('[0.23524605575704594]')).toEqual({ text: '[0.23524605575704594]', exact: false });
  let [misread, inexact] = [0, 0];
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), value => {
      const token = String(value);
      if (/^-?\d+$/.test(token)) return;
      const { text, exact } = readableFloats(`[${token}]`);
      const read = text.slice(1, -1);
      expect(Number(read)).toBe(value);
      if (exact) expect(serdeFloat(read)).toBe(value);
      expect(nearly(token)).toBe(serdeFloat(token));
      if (serdeFloat(token) !== value) misread++;
      if (!exact) inexact++;
    }),
    { numRuns: 3000 },
  );
  expect(inexact).toBeLessThan(misread / 10);
  const plain = '[1,-5,18446744073709551615,1.5,-0.0]';
  expect(readableFloats(plain)).toEqual({ text: plain, exact: true });
});

test('multi-vectors are written with decimal points, which two rows of integers need', () => {
  const offsets = Uint32Array.of(0, 2);
  const values = Float32Array.of(3, 4, 0, -1);
  expect(vectorJson({ name: '', kind: 'multi', offsets, dimension: 2, values }, 0)).toBe('[[3.0,4.0],[0.0,-1.0]]');
  expect(queryJson([Float32Array.of(1, 0.5), Float32Array.of(1e20, 7)])).toBe('[[1.0,0.5],[1e+20,7.0]]');
  expect(queryJson({ indices: Uint32Array.of(1, 9), values: Float32Array.of(1, -0) })).toBe(
    '{"indices":[1,9],"values":[1,-0]}',
  );
});

test('an address is read from a url or a host', () => {
  expect(qdrantAddress({ url: 'http://h:6333/' })).toEqual({ secure: false, host: 'h', port: 6333, prefix: '' });
  expect(qdrantAddress({ url: 'https://h/proxied/' })).toEqual({
    secure: true,
    host: 'h',
    port: 443,
    prefix: '/proxied',
  });
  expect(qdrantAddress({ url: 'https://h:443' }).port).toBe(443);
  expect(qdrantAddress({ host: '[::1]' })).toEqual({ secure: false, host: '::1', port: 6333, prefix: '' });
  expect(qdrantAddress({ host: 'h', port: 1, ca: '/x' }).secure).toBe(true);
  for (const url of ['h:6333', 'ftp://h', 'http://user:geheim@h', 'http://h?api-key=geheim']) {
    expect(() => qdrantAddress({ url })).toThrow(VdbError);
    expect(() => qdrantAddress({ url })).not.toThrow(/geheim/);
  }
});
