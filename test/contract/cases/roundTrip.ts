import { expect } from 'vitest';
import { bareRecord, pseudoRandom, record } from '../records.ts';
import { expectRecords, expectSequence } from '../sameRecords.ts';
import { denseVector, refused, type Suite } from '../suite.ts';

/** Writes, and reads back by id and by scan. */
export async function roundTrip(suite: Suite, name: string, lines: string[], ids: (string | bigint)[]): Promise<void> {
  await suite.subject.upsert(name, lines);
  expectSequence(await suite.subject.get(name, ids), lines);
  expectRecords((await suite.subject.scan(name)).lines, lines);
}

export function roundTripCases(suite: Suite): void {
  suite.case('float32 vectors come back bit for bit', async () => {
    const vectors = [
      '[0,0,0]',
      '[-0.0,-0.0,-0.0]',
      '[1e-45,-1e-45,1.1754942e-38]',
      '[1.17549435e-38,-1.17549435e-38,5.877472e-39]',
      '[3.4028234663852886e38,-3.4028234663852886e38,1e-10]',
      '[0.1,0.3333333432674408,-0.7]',
      '[16777216,16777217,-123456.789]',
      '[1,-0.0,1e-40]',
    ];
    const ids = vectors.map((_, i) => `v${i}`);
    await roundTrip(
      suite,
      await suite.collection(),
      vectors.map((vector, i) => record(ids[i]!, { vector })),
      ids,
    );
  });

  suite.case('1,536 dimensions of every bit pattern', async () => {
    const random = pseudoRandom(1);
    const bits = new Uint32Array(1536);
    const lines: string[] = [];
    for (let n = 0; n < 4; n++) {
      for (let i = 0; i < bits.length; i++) {
        do bits[i] = (random() * 2 ** 31) ^ (random() * 2 ** 16);
        while (((bits[i]! >>> 23) & 255) === 255);
      }
      lines.push(record(`v${n}`, { vector: `[${Array.from(new Float32Array(bits.buffer)).map(signed).join(',')}]` }));
    }
    const name = await suite.collection({ vectors: [denseVector(suite, { dimension: 1536 })] });
    await roundTrip(suite, name, lines, ['v0', 'v1', 'v2', 'v3']);
  });

  suite.case('documents and uris: text, empty, none', async () => {
    const lines = [
      record('text', { document: 'Grüße, 世界 👋\n\t"quoted" \\ back\r\n' }),
      record('empty', { document: '' }),
      record('none'),
      record('nul', { document: 'a\u0000b\u0000' }),
      record('separators', { document: '\u2028\u2029\u0001\u001f\u007f\ufeff' }),
      record('uri', { uri: 'https://example.com/a?b=c#d', document: '' }),
      record('emptyUri', { uri: '' }),
      record('long', { document: 'ab\u00e9'.repeat(10_000) }),
    ];
    const ids = ['text', 'empty', 'none', 'nul', 'separators', 'uri', 'emptyUri', 'long'];
    await roundTrip(suite, await suite.collection(), lines, ids);
  });

  suite.case('a record of 40 KB of metadata', async () => {
    const items = Array.from({ length: 800 }, (_, i) => `{"n":${i},"text":"item ${i} of the list","f":${i}.0}`);
    const line = record('big', { metadata: `{"items":[${items.join(',')}],"tail":"end"}` });
    expect(line.length).toBeGreaterThan(32_000);
    await roundTrip(suite, await suite.collection(), [line], ['big']);
  });

  suite.case('named vectors come back under their names', async () => {
    const { namedVectors, optionalVectors } = suite.subject.capabilities;
    const vectors = [denseVector(suite, { name: 'title', dimension: 2 }), denseVector(suite, { name: 'body Text' })];
    if (!namedVectors) return void (await refused(suite.create({ vectors }), 'unsupported'));
    const name = await suite.collection({ vectors });
    const lines = [record('both', { vectors: { title: '[1,-0.0]', 'body Text': '[1,2,3]' }, document: 'd' })];
    if (optionalVectors) {
      lines.push(
        record('one', { vectors: { title: '[0.5,0.25]' } }),
        record('other', { vectors: { 'body Text': '[9,8,7]' } }),
      );
    }
    await roundTrip(suite, name, lines, optionalVectors ? ['both', 'one', 'other'] : ['both']);
  });

  suite.case('a record without its vector stays without, or is refused', async () => {
    const name = await suite.collection();
    const lines = [bareRecord('bare', { metadata: '{"a":1}', document: 'd' }), record('full'), bareRecord('nothing')];
    if (!suite.subject.capabilities.optionalVectors) {
      const error = await refused(suite.subject.upsert(name, lines), 'unsupported');
      expect(error.message).toMatch(/vector/);
      return void expect(await suite.subject.count(name)).toBe(0);
    }
    await roundTrip(suite, name, lines, ['bare', 'full', 'nothing']);
    // All of one batch without.
    const bare = [bareRecord('bare2'), bareRecord('bare3', { metadata: '{}' })];
    await suite.subject.upsert(name, bare);
    expectSequence(await suite.subject.get(name, ['bare2', 'bare3']), bare);
  });
}

function signed(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}
