import { expect } from 'vitest';
import { manyRecords } from '../records.ts';
import { expectRecords, expectSequence } from '../sameRecords.ts';
import type { Suite } from '../suite.ts';

export function scanCases(suite: Suite): void {
  suite.case('scan with a limit continues behind its cursor until everything came once', async () => {
    const name = await suite.collection();
    const lines = manyRecords(40);
    await suite.subject.upsert(name, lines);
    const got: string[] = [];
    let cursor: string | null = null;
    for (let turn = 0; turn < 10; turn++) {
      const page = await suite.subject.scan(name, { limit: 7, ...(cursor !== null && { cursor }) });
      expect(page.lines.length).toBeLessThanOrEqual(7);
      got.push(...page.lines);
      cursor = page.cursor;
      if (cursor === null) break;
    }
    expect(cursor).toBeNull();
    expectRecords(got, lines);
  });

  suite.case('scan comes in a stable order', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, manyRecords(100));
    const first = (await suite.subject.scan(name)).lines;
    expectSequence((await suite.subject.scan(name)).lines, first);
    expectSequence((await suite.subject.scan(name, { limit: 13 })).lines, first.slice(0, 13));
  });

  suite.case('scan with a filter and a limit continues behind its cursor', async () => {
    const name = await suite.collection();
    const lines = manyRecords(60, i => `{"even":${i % 2 === 0},"n":${i}}`);
    await suite.subject.upsert(name, lines);
    const where = 'even = true and n >= 4';
    const first = await suite.subject.scan(name, { where, limit: 10 });
    expect(first.lines).toHaveLength(10);
    const rest = await suite.subject.scan(name, { where, cursor: first.cursor! });
    expectRecords(
      [...first.lines, ...rest.lines],
      lines.filter((_, i) => i % 2 === 0 && i >= 4),
    );
  });

  suite.case('count is exact, with and without a filter', async () => {
    const name = await suite.collection();
    expect(await suite.subject.count(name)).toBe(0);
    expect(await suite.subject.count(name, 'n = 1')).toBe(0);
    await suite.subject.upsert(name, manyRecords(100));
    expect(await suite.subject.count(name)).toBe(100);
    expect(await suite.subject.count(name, 'n < 10')).toBe(10);
    await suite.subject.remove(name, ['r003', 'r050']);
    expect(await suite.subject.count(name)).toBe(98);
    expect(await suite.subject.count(name, 'n < 10')).toBe(9);
  });
}
