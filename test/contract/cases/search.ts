import { expect } from 'vitest';
import { METRICS, type Metric } from '../../../src/model/metric.ts';
import { bareRecord, record } from '../records.ts';
import { idsOf } from '../sameRecords.ts';
import { denseVector, refused, type Suite } from '../suite.ts';

interface Hit {
  id: string;
  score: number;
  rawScore: number;
}

/** Query [1,0,0] against the same, a longer one, an orthogonal and the opposite vector. */
const VECTORS = { same: [1, 0, 0], longer: [3, 0, 0], orthogonal: [0, 1, 0], opposite: [-1, 0, 0] };
const SCORES: Partial<Record<Metric, Record<keyof typeof VECTORS, number>>> = {
  cosine: { same: 1, longer: 1, orthogonal: 0, opposite: -1 },
  dot: { same: 1, longer: 3, orthogonal: 0, opposite: -1 },
  euclidean: { same: 0, longer: -2, orthogonal: -Math.SQRT2, opposite: -2 },
};

/** Bits by what they share with the first, which is the query; in rank order under either metric. */
const BITS = {
  same: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
  last: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0],
  half: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  other: [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0],
};
const BIT_SCORES: Partial<Record<Metric, Record<keyof typeof BITS, number>>> = {
  hamming: { same: 0, last: -1, half: -2, other: -12 },
  jaccard: { same: 0, last: -0.25, half: -0.5, other: -1 },
};

export function searchCases(suite: Suite): void {
  const query = async (...args: Parameters<Suite['subject']['query']>): Promise<Hit[]> =>
    (await suite.subject.query(...args)).map(line => JSON.parse(line));

  for (const [metric, scores] of Object.entries(SCORES) as [Metric, Record<string, number>][]) {
    suite.case(`search by ${metric} ranks by the neutral score`, async () => {
      const vectors = [denseVector(suite, { metric })];
      if (!suite.subject.capabilities.metrics.includes(metric)) {
        return void (await refused(suite.create({ vectors }), 'unsupported'));
      }
      const name = await suite.collection({ vectors });
      await suite.subject.upsert(
        name,
        Object.entries(VECTORS).map(([id, vector]) => record(id, { vector })),
      );
      const hits = await query(name, { vector: [1, 0, 0] });
      expect(hits.map(hit => hit.id).sort()).toEqual(Object.keys(VECTORS).sort());
      for (const hit of hits) expect(hit.score, hit.id).toBeCloseTo(scores[hit.id]!, 5);
      for (let i = 1; i < hits.length; i++) {
        const [better, worse] = [hits[i - 1]!, hits[i]!];
        expect(worse.score, 'in rank order').toBeLessThanOrEqual(better.score);
      }
      expectConsistent(hits);
    });

    suite.case(`search by ${metric} gives numbers for zero and subnormal vectors`, async () => {
      const vectors = [denseVector(suite, { metric })];
      if (!suite.subject.capabilities.metrics.includes(metric)) return;
      const name = await suite.collection({ vectors });
      await suite.subject.upsert(name, [
        record('zero', { vector: [0, 0, 0] }),
        record('tiny', { vector: '[1e-45,0,0]' }),
        record('same', { vector: [1, 0, 0] }),
        record('opposite', { vector: [-1, 0, 0] }),
      ]);
      const hits = await query(name, { vector: [1, 0, 0] });
      for (const hit of hits) expect([hit.score, hit.rawScore].map(Number.isFinite), hit.id).toEqual([true, true]);
      const ranked = hits.map(hit => hit.id).filter(id => id === 'same' || id === 'opposite');
      expect(ranked).toEqual(['same', 'opposite']);
    });
  }

  for (const [metric, scores] of Object.entries(BIT_SCORES) as [Metric, Record<string, number>][]) {
    suite.case(`search of bits by ${metric} ranks by the neutral score`, async () => {
      const { elements, bits, metrics } = suite.subject.capabilities;
      const vectors = [denseVector(suite, { element: 'bit', dimension: 12, metric })];
      if (!elements.includes('bit') || !(bits?.metrics ?? metrics).includes(metric)) {
        return void (await refused(suite.create({ vectors }), 'unsupported'));
      }
      const name = await suite.collection({ vectors });
      expect((await suite.subject.describe(name)).vectors[0]).toMatchObject({ element: 'bit', dimension: 12, metric });
      await suite.subject.upsert(
        name,
        Object.entries(BITS).map(([id, vector]) => record(id, { vector })),
      );
      const hits = await query(name, { vector: BITS.same });
      expect(hits.map(hit => hit.id)).toEqual(Object.keys(BITS));
      for (const hit of hits) expect(hit.score, hit.id).toBeCloseTo(scores[hit.id]!, 5);
      expectConsistent(hits);
      const rest = [...BITS.same.slice(1)];
      for (const odd of [0.5, 2, -1]) await refused(query(name, { vector: [odd, ...rest] }), 'invalid');
      await refused(query(name, { vector: rest }), 'invalid', 'dimension_mismatch');
      for (const odd of [0.5, 2, -1]) {
        await refused(suite.subject.upsert(name, [record('odd', { vector: [odd, ...rest] })]), 'invalid');
      }
      await refused(suite.subject.upsert(name, [record('short', { vector: rest })]), 'invalid', 'dimension_mismatch');
      expect(await suite.subject.count(name)).toBe(Object.keys(BITS).length);
    });
  }

  suite.case('vectors of bits are compared by no metric of numbers', async () => {
    const { elements, bits } = suite.subject.capabilities;
    if (!elements.includes('bit') || !bits) return;
    const name = suite.freshName();
    for (const metric of METRICS.filter(each => !bits.metrics.includes(each))) {
      const vectors = [denseVector(suite, { element: 'bit', dimension: 12, metric })];
      await refused(suite.create({ name, vectors }), 'unsupported');
    }
    expect(await suite.subject.collections()).not.toContain(name);
  });

  suite.case('multi-vectors rank, or a search of them is refused where they are only kept', async () => {
    const { vectorKinds, unranked } = suite.subject.capabilities;
    const vectors = [denseVector(suite, { kind: 'multi', dimension: 2, metric: 'dot' })];
    if (!vectorKinds.includes('multi')) return void (await refused(suite.create({ vectors }), 'unsupported'));
    const name = await suite.collection({ vectors });
    await suite.subject.upsert(name, [
      record('near', { vector: '[[1,0],[0,1]]' }),
      record('far', { vector: '[[-1,0],[-1,-1]]' }),
    ]);
    const work = query(name, { vector: [[1, 0]] });
    if (!unranked?.includes('multi')) return expect((await work).map(hit => hit.id)).toEqual(['near', 'far']);
    expect((await refused(work, 'unsupported')).details.hint).toMatch(/migrate|another vector/);
    // Neither does a row of it rank.
    await refused(query(name, { vector: [1, 0] }), 'unsupported');
  });

  suite.case('search gives at most k, the best first, and all when k is larger', async () => {
    const name = await suite.collection();
    expect(await query(name, { vector: [0, 0, 0] })).toEqual([]);
    await suite.subject.upsert(
      name,
      Array.from({ length: 30 }, (_, i) => record(`r${i}`, { vector: [i, 1, 0] })),
    );
    expect((await query(name, { vector: [0, 1, 0], k: 3 })).map(hit => hit.id)).toEqual(['r0', 'r1', 'r2']);
    expect(await query(name, { vector: [0, 1, 0], k: 100 })).toHaveLength(30);
    expect(await query(name, { vector: [0, 1, 0], k: 1 })).toHaveLength(1);
  });

  suite.case('hits bring the parts that are wanted, exactly', async () => {
    const name = await suite.collection();
    const parts = { vector: '[0.1,-0.0,1]', metadata: '{"big":9007199254740993,"f":1.0}', document: '' };
    await suite.subject.upsert(name, [record('a', parts)]);
    const [line] = await suite.subject.query(name, { vector: [0, 0, 1], parts: ['vectors', 'metadata', 'document'] });
    expect(line).toMatch(/"big":9007199254740993/);
    expect(line).toMatch(/"f":1\.0/);
    expect(line).toMatch(/"document":""/);
    expect(line).toMatch(/"vector":\[0\.1,-0(\.0)?,1\]/);
    const [bare] = await suite.subject.query(name, { vector: [0, 0, 1], parts: [] });
    expect(Object.keys(JSON.parse(bare!)).sort()).toEqual(['id', 'rawScore', 'score']);
  });

  suite.case('a filter in a search is applied before the ranking', async () => {
    const name = await suite.collection();
    const lines = Array.from({ length: 200 }, (_, i) =>
      record(`r${i}`, { vector: [i, 1, 0], metadata: i >= 190 ? '{"far":true,"n":9}' : '{"n":1}' }),
    );
    await suite.subject.upsert(name, lines);
    const search = query(name, { vector: [0, 1, 0], k: 3, where: 'far = true' });
    if (!suite.subject.capabilities.filters.includes('eq'))
      return void (await refused(search, 'unsupported', 'filter'));
    expect((await search).map(hit => hit.id)).toEqual(['r190', 'r191', 'r192']);
    expect(await query(name, { vector: [0, 1, 0], k: 3, where: 'far = "true"' })).toEqual([]);
    const ids = await query(name, { vector: [0, 1, 0], k: 3, where: 'id in ("r150", "r20", "none")' });
    expect(ids.map(hit => hit.id)).toEqual(['r20', 'r150']);
  });

  suite.case('search uses the named vector asked for', async () => {
    const vectors = [
      denseVector(suite, { name: 'title', dimension: 2 }),
      denseVector(suite, { name: 'body', dimension: 3 }),
    ];
    if (!suite.subject.capabilities.namedVectors) return void (await refused(suite.create({ vectors }), 'unsupported'));
    const name = await suite.collection({ vectors });
    await suite.subject.upsert(name, [
      record('a', { vectors: { title: '[0,1]', body: '[5,5,5]' } }),
      record('b', { vectors: { title: '[9,9]', body: '[0,0,1]' } }),
    ]);
    expect((await query(name, { vector: [0, 1], using: 'title' })).map(hit => hit.id)).toEqual(['a', 'b']);
    expect((await query(name, { vector: [0, 0, 1], using: 'body' })).map(hit => hit.id)).toEqual(['b', 'a']);
    await refused(query(name, { vector: [0, 1], using: 'body' }), 'invalid', 'dimension_mismatch');
  });

  suite.case('records without the vector are never hits', async () => {
    if (!suite.subject.capabilities.optionalVectors) return;
    const name = await suite.collection();
    await suite.subject.upsert(name, [bareRecord('bare'), record('full'), bareRecord('other')]);
    expect(idsOf(await suite.subject.query(name, { vector: [1, 2, 3] }))).toEqual(['s:full']);
  });

  suite.case('a query vector that cannot be compared is refused', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [record('a')]);
    await refused(query(name, { vector: [1, 2] }), 'invalid', 'dimension_mismatch');
    await refused(query(name, { vector: [1, 2, 3, 4] }), 'invalid', 'dimension_mismatch');
    await refused(query(name, { vector: [1, 2, 1e39] }), 'invalid', 'not_finite');
    const { topK } = suite.subject.capabilities.limits;
    if (topK !== undefined) await refused(query(name, { vector: [1, 2, 3], k: topK + 1 }), 'invalid');
  });
}

/** Equal raw scores have equal scores, and raw scores rise or fall strictly with the neutral ones. */
function expectConsistent(hits: Hit[]): void {
  const directions = new Set<number>();
  for (let i = 1; i < hits.length; i++) {
    const [a, b] = [hits[i - 1]!, hits[i]!];
    if (Math.abs(a.score - b.score) > 1e-5) directions.add(Math.sign(a.rawScore - b.rawScore));
    else expect(a.rawScore).toBeCloseTo(b.rawScore, 4);
  }
  expect([...directions], 'raw scores go one way').toHaveLength(1);
  expect(directions.has(0)).toBe(false);
}
