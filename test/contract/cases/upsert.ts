import { expect } from 'vitest';
import { bareRecord, manyRecords, record } from '../records.ts';
import { expectRecords } from '../sameRecords.ts';
import { refused, type Suite } from '../suite.ts';

export function upsertCases(suite: Suite): void {
  suite.case('a write replaces the whole record', async () => {
    const name = await suite.collection();
    const old = record('a', {
      metadata: '{"gone":1,"nested":{"x":1},"kept":2.0}',
      document: 'gone',
      vector: [1, 1, 1],
    });
    await suite.subject.upsert(name, [old, record('b', { document: 'stays', metadata: '{"gone":5}' })]);
    const fresh = record('a', { metadata: '{"kept":3}', vector: [4, 5, 6] });
    await suite.subject.upsert(name, [fresh]);
    const stays = record('b', { document: 'stays', metadata: '{"gone":5}' });
    expectRecords((await suite.subject.scan(name)).lines, [fresh, stays]);
    await suite.subject.upsert(name, [record('a')]);
    expectRecords((await suite.subject.scan(name)).lines, [record('a'), stays]);
    if (!suite.subject.capabilities.optionalVectors) return;
    await suite.subject.upsert(name, [bareRecord('a', { document: '' })]);
    expectRecords((await suite.subject.scan(name)).lines, [bareRecord('a', { document: '' }), stays]);
  });

  suite.case('the same write twice leaves the same records', async () => {
    const name = await suite.collection();
    const lines = manyRecords(50, i => `{"n":${i},"f":${i}.0,"tags":["t${i % 3}"],"o":{"i":${i}}}`);
    expect(await suite.subject.upsert(name, lines)).toBe(50);
    expect(await suite.subject.upsert(name, lines)).toBe(50);
    expectRecords((await suite.subject.scan(name)).lines, lines);
    expect(await suite.subject.count(name)).toBe(50);
  });

  suite.case('a write may mix new records with old ones', async () => {
    const name = await suite.collection();
    const lines = manyRecords(30);
    await suite.subject.upsert(name, lines.slice(0, 20));
    const changed = manyRecords(30, i => `{"n":"${i}"}`);
    await suite.subject.upsert(name, changed.slice(10));
    expectRecords((await suite.subject.scan(name)).lines, [...lines.slice(0, 10), ...changed.slice(10)]);
  });

  suite.case('3,000 records in one write', async () => {
    const name = await suite.collection();
    const lines = manyRecords(3000, i => `{"n":${i},"s":"${i % 10}"}`);
    await suite.subject.upsert(name, lines);
    expect(await suite.subject.count(name)).toBe(3000);
    expectRecords((await suite.subject.scan(name)).lines, lines);
  });

  suite.case(
    'a wrong dimension, a number beyond float32 and an unknown vector are refused before anything is written',
    async () => {
      const name = await suite.collection();
      const good = record('good');
      await refused(
        suite.subject.upsert(name, [record('bad', { vector: [1, 2] }), good]),
        'invalid',
        'dimension_mismatch',
      );
      await refused(
        suite.subject.upsert(name, [record('bad', { vector: [1, 2, 3, 4] }), good]),
        'invalid',
        'dimension_mismatch',
      );
      await refused(
        suite.subject.upsert(name, [record('bad', { vector: '[1,1e39,0]' }), good]),
        'invalid',
        'not_finite',
      );
      await refused(suite.subject.upsert(name, [record('bad', { vector: '[]' }), good]), 'invalid');
      await refused(suite.subject.upsert(name, [record('bad', { vectors: { other: '[1,2,3]' } }), good]), 'invalid');
      expect(await suite.subject.count(name)).toBe(0);
    },
  );

  suite.case('a partition is refused where there are none', async () => {
    if (suite.subject.capabilities.partitions) return;
    const name = await suite.collection();
    await refused(suite.subject.upsert(name, [record('a')], 'tenant'), 'unsupported');
    const line = record('a').replace(/}$/, ',"partition":"tenant"}');
    await refused(suite.subject.upsert(name, [line]), 'unsupported');
    expect(await suite.subject.count(name)).toBe(0);
  });
}
