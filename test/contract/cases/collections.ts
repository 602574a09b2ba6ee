import { expect } from 'vitest';
import { METRICS } from '../../../src/model/metric.ts';
import { record } from '../records.ts';
import { expectRecords } from '../sameRecords.ts';
import { denseVector, refused, type Suite } from '../suite.ts';

export function collectionCases(suite: Suite): void {
  suite.case('a new collection is listed, described as created, and empty', async () => {
    const vector = denseVector(suite, { dimension: 5 });
    const created = await suite.create({ vectors: [vector] });
    const described = await suite.subject.describe(created.name);
    for (const info of [created, described]) {
      expect(info.name).toBe(created.name);
      expect(info.count).toBe(0);
      expect(info.vectors).toHaveLength(1);
      expect(info.vectors[0]).toMatchObject({ name: '', kind: 'dense', dimension: 5, element: 'f32' });
      if (suite.subject.capabilities.metricFixed) expect(info.vectors[0]!.metric).toBe(vector.metric);
    }
    expect(await suite.subject.collections()).toContain(created.name);
    expect((await suite.subject.scan(created.name)).lines).toEqual([]);
  });

  suite.case('describe counts exactly and knows the metadata fields', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [
      record('a', { metadata: '{"size":1}' }),
      record('b', { metadata: '{"size":2}' }),
    ]);
    const info = await suite.subject.describe(name);
    expect([info.count, info.countExact]).toEqual([2, true]);
    expect(info.name).toBe(name);
  });

  suite.case('creating a collection that exists is refused, and changes nothing', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [record('a')]);
    await refused(suite.create({ name }), 'exists');
    expectRecords((await suite.subject.scan(name)).lines, [record('a')]);
  });

  suite.case('every verb on a missing collection is not_found', async () => {
    const { subject } = suite;
    const name = suite.freshName();
    await refused(subject.drop(name), 'not_found');
    await refused(subject.describe(name), 'not_found');
    await refused(subject.upsert(name, [record('a')]), 'not_found');
    await refused(subject.get(name, ['a']), 'not_found');
    await refused(subject.remove(name, ['a']), 'not_found');
    await refused(subject.query(name, { vector: [1, 2, 3] }), 'not_found');
    await refused(subject.scan(name), 'not_found');
    await refused(subject.count(name), 'not_found');
    await refused(subject.removeWhere(name, 'a = 1'), 'not_found');
    await refused(subject.clear(name), 'not_found');
    expect(await subject.collections()).not.toContain(name);
  });

  suite.case('a dropped collection is gone, and can be made anew with another dimension', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [record('a')]);
    await suite.subject.drop(name);
    expect(await suite.subject.collections()).not.toContain(name);
    await refused(suite.subject.describe(name), 'not_found');
    await suite.create({ name, vectors: [denseVector(suite, { dimension: 2 })] });
    const line = record('b', { vector: [1, 2] });
    await suite.subject.upsert(name, [line]);
    expectRecords((await suite.subject.scan(name)).lines, [line]);
  });

  suite.case('two collections do not see each other', async () => {
    const [one, two] = [await suite.collection(), await suite.collection()];
    await suite.subject.upsert(one, [record('a', { document: 'one' })]);
    await suite.subject.upsert(two, [record('a', { document: 'two' }), record('b')]);
    await suite.subject.remove(two, ['b']);
    expectRecords((await suite.subject.scan(one)).lines, [record('a', { document: 'one' })]);
    expectRecords((await suite.subject.scan(two)).lines, [record('a', { document: 'two' })]);
  });

  for (const metric of METRICS) {
    suite.case(`metric ${metric} is kept, or refused where it is not declared`, async () => {
      const vectors = [denseVector(suite, { metric })];
      if (!suite.subject.capabilities.metrics.includes(metric)) {
        const name = suite.freshName();
        await refused(suite.create({ name, vectors }), 'unsupported');
        expect(await suite.subject.collections()).not.toContain(name);
        return;
      }
      const { name } = await suite.create({ vectors });
      const [vector] = (await suite.subject.describe(name)).vectors;
      expect(vector!.metric).toBe(suite.subject.capabilities.metricFixed ? metric : vector!.metric);
    });
  }

  suite.case('named vectors are described by name, or refused', async () => {
    const vectors = [
      denseVector(suite, { name: 'title', dimension: 2 }),
      denseVector(suite, { name: 'body', dimension: 4 }),
    ];
    if (!suite.subject.capabilities.namedVectors) return void (await refused(suite.create({ vectors }), 'unsupported'));
    const info = await suite.subject.describe(await suite.collection({ vectors }));
    const dimensions = Object.fromEntries(info.vectors.map(vector => [vector.name, vector.dimension]));
    expect(dimensions).toEqual({ title: 2, body: 4 });
  });

  suite.case('kinds and elements of vectors that are not declared are refused', async () => {
    const { vectorKinds, elements } = suite.subject.capabilities;
    for (const kind of ['sparse', 'multi'] as const) {
      if (vectorKinds.includes(kind)) continue;
      await refused(suite.create({ vectors: [denseVector(suite, { kind })] }), 'unsupported');
    }
    for (const element of ['f16', 'u8', 'bit'] as const) {
      if (elements.includes(element)) continue;
      await refused(suite.create({ vectors: [denseVector(suite, { element })] }), 'unsupported');
    }
    if (!suite.subject.capabilities.partitions) {
      await refused(suite.create({ partitioned: true }), 'unsupported');
    }
  });

  suite.case('a name, dimension or id beyond the declared limits is refused before anything is written', async () => {
    const { limits } = suite.subject.capabilities;
    if (limits.nameBytes !== undefined) {
      await refused(suite.create({ name: 'n'.repeat(limits.nameBytes + 1) }), 'invalid');
    }
    if (limits.dimension !== undefined) {
      await refused(suite.create({ vectors: [denseVector(suite, { dimension: limits.dimension + 1 })] }), 'invalid');
    }
    const name = await suite.collection();
    if (limits.idBytes !== undefined) {
      // Two bytes each in UTF-8.
      const id = 'é'.repeat(Math.floor(limits.idBytes / 2) + 1);
      await refused(suite.subject.upsert(name, [record(id), record('b')]), 'invalid');
    }
    expect(await suite.subject.count(name)).toBe(0);
  });
}
