import { expect } from 'vitest';
import { manyRecords, record } from '../records.ts';
import { expectRecords, expectSequence } from '../sameRecords.ts';
import type { Suite } from '../suite.ts';

export function fetchRemoveCases(suite: Suite): void {
  suite.case('fetch keeps the order asked for and leaves out what is missing', async () => {
    const name = await suite.collection();
    const lines = manyRecords(20);
    await suite.subject.upsert(name, lines);
    const asked = ['r017', 'missing', 'r003', 'r000', 'R003', 'r019', 'r0'];
    expectSequence(
      await suite.subject.get(name, asked),
      [17, 3, 0, 19].map(i => lines[i]!),
    );
    expect(await suite.subject.get(name, ['none', 'at all'])).toEqual([]);
  });

  suite.case('fetch of 1,000 ids', async () => {
    const name = await suite.collection();
    const lines = manyRecords(1000);
    await suite.subject.upsert(name, lines);
    const ids = lines.map((_, i) => `r${String(i).padStart(3, '0')}`).reverse();
    expectSequence(await suite.subject.get(name, ids), [...lines].reverse());
  });

  suite.case('fetch and scan bring the parts that are wanted', async () => {
    const name = await suite.collection();
    const parts = { vector: [1, 2, 3], metadata: '{"a":1,"b":{"c":1.0}}', document: 'text' };
    await suite.subject.upsert(name, [record('a', parts)]);
    for (const part of ['vectors', 'metadata', 'document'] as const) {
      for (const lines of [
        await suite.subject.get(name, ['a'], [part]),
        (await suite.subject.scan(name, { parts: [part] })).lines,
      ]) {
        expect(lines).toHaveLength(1);
        const key = part === 'vectors' ? 'vector' : part;
        expect(Object.keys(JSON.parse(lines[0]!))).toEqual(['id', key]);
        expect(JSON.parse(lines[0]!)[key]).toEqual(JSON.parse(record('a', parts))[key]);
      }
    }
    expect((await suite.subject.get(name, ['a'], [])).map(line => JSON.parse(line))).toEqual([{ id: 'a' }]);
  });

  suite.case('removing takes exactly the records named, and what is missing is fine', async () => {
    const name = await suite.collection();
    const lines = manyRecords(10);
    await suite.subject.upsert(name, lines);
    const removed = await suite.subject.remove(name, ['r001', 'missing', 'r005']);
    expect([2, null]).toContain(removed);
    expectRecords(
      (await suite.subject.scan(name)).lines,
      lines.filter((_, i) => i !== 1 && i !== 5),
    );
    expect([0, null]).toContain(await suite.subject.remove(name, ['r001', 'missing']));
    expect(await suite.subject.count(name)).toBe(8);
    await suite.subject.upsert(name, [lines[1]!]);
    expectSequence(await suite.subject.get(name, ['r001']), [lines[1]!]);
  });
}
