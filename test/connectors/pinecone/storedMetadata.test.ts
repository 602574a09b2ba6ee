import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idOf, storedId } from '../../../src/connectors/pinecone/ids.ts';
import {
  fromStored,
  isReserved,
  type Native,
  type Parts,
  toStored,
} from '../../../src/connectors/pinecone/records/storedMetadata.ts';
import { type Exact, parseExact, printExact } from '../../../src/model/json/exact.ts';
import { storedVector } from '../../doubles/pinecone/validate.ts';

function stored(parts: Partial<Parts>): Record<string, Native> {
  return JSON.parse(
    toStored({ id: 'a', metadata: undefined, document: undefined, uri: undefined, ...parts }, 'a', 'text'),
  );
}

function restored(fields: Record<string, Native>, id = 'a'): Parts {
  return fromStored(id, new Map(Object.entries(fields)), 'text');
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 6 }).filter(text => text.isWellFormed());
const anyNumber: fc.Arbitrary<Exact> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 60n, 2n ** 63n),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 2 ** 53, 2 ** 60, 1e21, 5e-324),
);
const anyValue: fc.Arbitrary<Exact> = fc.letrec<{ value: Exact }>(tie => ({
  value: fc.oneof(
    { maxDepth: 2 },
    anyNumber,
    anyText,
    fc.constantFrom('', 'a\0b', 'i:7'),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(anyText, { maxLength: 3 }),
    fc.array(fc.tuple(anyText, tie('value')), { maxLength: 3 }).map(entries => new Map(entries)),
  ),
})).value;
const anyKey = fc
  .oneof(anyText, fc.constantFrom('text', '$and', '', 'nul\0', '__proto__', 'a.b', '_vdb', 'price'))
  .filter(key => !isReserved(key));

describe('metadata', () => {
  test('any metadata, document, uri and id come back exactly, by what Pinecone can hold', () => {
    const shape = { kind: 'dense', dimension: 1, metric: 'cosine' } as const;
    const record = fc.record({
      id: fc.oneof(anyText.filter(Boolean), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })),
      metadata: fc.array(fc.tuple(anyKey, anyValue), { maxLength: 5 }).map(entries => new Map<string, Exact>(entries)),
      document: fc.option(fc.oneof(anyText, fc.constant('nul\0')), { nil: undefined }),
      uri: fc.option(anyText, { nil: undefined }),
    });
    fc.assert(
      fc.property(record, ({ id, metadata, document, uri }) => {
        const as = storedId(id);
        const text = toStored({ id, metadata: printExact(metadata), document, uri }, as, 'text');
        const kept = storedVector({ id: as, values: [1], metadata: JSON.parse(text) }, shape).metadata!;
        const back = fromStored(as, new Map(Object.entries(JSON.parse(JSON.stringify(kept)))), 'text');
        expect(back.id).toEqual(id);
        expect([back.document, back.uri]).toEqual([document, uri]);
        expect(parseExact(back.metadata ?? '{}')).toEqual(metadata);
      }),
      { numRuns: 1000 },
    );
  });

  test('plain metadata and a document look as any Pinecone user writes them', () => {
    const metadata = '{"genre":"drama","year":2020,"price":1.5,"new":true,"tags":["a","b"]}';
    expect(stored({ metadata, document: 'Once' })).toEqual({
      genre: 'drama',
      year: 2020,
      price: 1.5,
      new: true,
      tags: ['a', 'b'],
      text: 'Once',
    });
  });

  test('what has no native form stands in the sidecar, and its key where filters can find it', () => {
    const metadata = '{"n":null,"o":{"a":1},"l":[1,2],"e":[],"big":9007199254740993,"one":1.0,"$x":1}';
    const fields = stored({ metadata, uri: 'u:1' });
    expect(Object.keys(fields).sort()).toEqual(['_vdb_k', '_vdb_x', 'one']);
    expect(fields._vdb_k).toEqual(['o', 'l', 'e', 'big', '$x']);
    expect(fields.one).toBe(1);
    expect(JSON.parse(fields._vdb_x as string).u).toBe('u:1');
  });

  test('a document beside metadata of the document field, and that metadata alone', () => {
    const both = stored({ metadata: '{"text":"mine"}', document: 'the document' });
    expect(both).toMatchObject({ text: 'mine', _vdb_doc: 'the document' });
    expect(restored(both)).toMatchObject({ metadata: '{"text":"mine"}', document: 'the document' });
    expect(restored(stored({ metadata: '{"text":"mine"}' }))).toMatchObject({
      metadata: '{"text":"mine"}',
      document: undefined,
    });
    expect(restored(stored({ metadata: '{"text":7}', document: '' }))).toMatchObject({
      metadata: '{"text":7}',
      document: '',
    });
  });

  test('records of other programs need no field of ours', () => {
    const parts = restored({ text: 'hello', year: 2020, score: 0.5, big: 1e21, tags: ['x'] });
    expect(parts).toEqual({
      id: 'a',
      document: 'hello',
      uri: undefined,
      metadata: '{"year":2020,"score":0.5,"big":1e+21,"tags":["x"]}',
    });
    expect(restored({ text: 5, _vdb_x: 'not ours' })).toMatchObject({ document: undefined, metadata: '{"text":5}' });
  });

  test('a native value that another program changed since is the one that counts', () => {
    const fields = stored({ metadata: '{"price":1.0,"gone":{"a":1}}' });
    expect(restored({ ...fields, price: 2 }).metadata).toBe('{"price":2,"gone":{"a":1}}');
    expect(restored({ ...fields, gone: 'text' }).metadata).toBe('{"price":1.0,"gone":"text"}');
  });

  test('reserved keys are refused, and so is more than 40 KB', () => {
    expect(() => stored({ metadata: '{"_vdb_x":1}' })).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => stored({ document: 'x'.repeat(40_956) })).not.toThrow();
    expect(() => stored({ document: 'x'.repeat(40_957) })).toThrow(/40 KB/);
    expect(() => stored({ document: 'é'.repeat(20_479) })).toThrow(/40 KB/);
  });
});

describe('ids', () => {
  test('text that Pinecone takes is kept, other text is derived, integers are their digits', () => {
    expect(['a b', 'x'.repeat(512), '7'].map(storedId)).toEqual(['a b', 'x'.repeat(512), '7']);
    expect(storedId(7n)).toBe('7');
    // UUIDv5 of "s:é" in the namespace of derived ids, by Python's uuid module.
    expect(storedId('é')).toBe('14b39aa2-6e42-57e4-9281-02607c002e2f');
    expect(storedId('a\nb')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a mark that does not belong to the stored text says nothing', () => {
    expect(idOf('7', 'i:7')).toBe(7n);
    expect(idOf('8', 'i:7')).toBe('8');
    expect(idOf(storedId('é'), 's:é')).toBe('é');
    expect(idOf('copied', 's:é')).toBe('copied');
    expect(idOf('a', 's:a')).toBe('a');
    expect(idOf('7', undefined)).toBe('7');
  });
});
