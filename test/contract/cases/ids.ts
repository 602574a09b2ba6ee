import { expect } from 'vitest';
import { record } from '../records.ts';
import { expectRecords, expectSequence } from '../sameRecords.ts';
import { refused, type Suite } from '../suite.ts';
import { roundTrip } from './roundTrip.ts';

const TEXT_IDS = [
  'plain',
  ' lead and trail ',
  'a/b/c',
  "it's",
  'say "x"',
  'back\\slash',
  'a`b',
  '%41%',
  '_',
  'Ünï 世界',
  '👋🏽',
  '7',
  '007',
  '-1',
  '1.0',
  'null',
  'true',
  '[1]',
  '{"$date":1}',
  "'; DROP TABLE x; --",
  'new\nline\ttab',
  'i:7',
  's:7',
  'A',
  'a',
  'é',
  'e\u0301',
  '\ufeff',
  'x'.repeat(500),
];

const INTEGER_IDS = [0n, 1n, -1n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n - 1n];

const UUIDS = [
  '6b823629-a1f3-5d20-9b77-350230f3fa34',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  // Another spelling of a UUID is plain text, and another id.
  '6B823629-A1F3-5D20-9B77-350230F3FA34',
  '{6b823629-a1f3-5d20-9b77-350230f3fa34}',
];

export function idCases(suite: Suite): void {
  for (const [what, ids] of Object.entries({ text: TEXT_IDS, integer: INTEGER_IDS, UUID: UUIDS })) {
    suite.case(`${what} ids are kept, found, filtered by and removed`, async () => {
      const name = await suite.collection();
      const lines = ids.map((id, i) => record(id, { metadata: `{"n":${i}}` }));
      await roundTrip(suite, name, lines, ids);
      const written = ids.map(id => (typeof id === 'bigint' ? String(id) : JSON.stringify(id)));
      const chosen = await suite.subject.scan(name, { where: `id in (${written.slice(2, 4).join(',')})` });
      expectRecords(chosen.lines, lines.slice(2, 4));
      const others = await suite.subject.scan(name, { where: `id not in (${written.slice(0, 3).join(',')})` });
      expectRecords(others.lines, lines.slice(3));
      const replaced = ids.map((id, i) => record(id, { document: `again ${i}` }));
      await suite.subject.upsert(name, replaced);
      expectRecords((await suite.subject.scan(name)).lines, replaced);
      await suite.subject.remove(name, ids.slice(1));
      expectRecords((await suite.subject.scan(name)).lines, replaced.slice(0, 1));
      const hits = await suite.subject.query(name, { vector: [1, 2, 3] });
      expect(hits).toHaveLength(1);
      expect(hits[0]).toContain(`"id":${written[0]}`);
    });
  }

  suite.case('an integer id and a text id of the same digits are kept apart, or refused together', async () => {
    const name = await suite.collection();
    const lines = [record(7n, { document: 'integer' }), record('7', { document: 'text' })];
    if (keepsApart(suite)) {
      await suite.subject.upsert(name, lines);
      expectRecords((await suite.subject.scan(name)).lines, lines);
      return;
    }
    const error = await refused(suite.subject.upsert(name, lines), 'invalid', 'duplicate_id');
    // A batch is refused whole; the daemon writes the lines before the bad one, and says so.
    const stream = suite.subject.via === 'daemon';
    if (stream) expect(error.details.data).toMatchObject({ line: 2, upserted: 1 });
    expectRecords((await suite.subject.scan(name)).lines, stream ? lines.slice(0, 1) : []);
  });

  suite.case('a later write does not replace an integer id by a text id of the same digits', async () => {
    const name = await suite.collection();
    const lines = [record(7n, { document: 'integer' }), record('7', { document: 'text' })];
    await suite.subject.upsert(name, lines.slice(0, 1));
    if (keepsApart(suite)) {
      await suite.subject.upsert(name, lines.slice(1));
      expectRecords((await suite.subject.scan(name)).lines, lines);
      return;
    }
    await refused(suite.subject.upsert(name, lines.slice(1)), 'invalid', 'duplicate_id');
    expectRecords((await suite.subject.scan(name)).lines, lines.slice(0, 1));
  });

  suite.case('fetch and remove tell 7 from "7"', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [record(7n), record('8')]);
    expect(await suite.subject.get(name, ['7'])).toEqual([]);
    expect(await suite.subject.get(name, [8n])).toEqual([]);
    expectSequence(await suite.subject.get(name, [7n]), [record(7n)]);
    await suite.subject.remove(name, ['7']);
    await suite.subject.remove(name, [8n]);
    expectRecords((await suite.subject.scan(name)).lines, [record(7n), record('8')]);
    expectRecords((await suite.subject.scan(name, { where: 'id = 7' })).lines, [record(7n)]);
    expectRecords((await suite.subject.scan(name, { where: 'id = "7"' })).lines, []);
    expectRecords((await suite.subject.scan(name, { where: 'id != "7"' })).lines, [record(7n), record('8')]);
  });

  suite.case('of an id given twice in one write the last wins', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [
      record('a', { document: 'first', metadata: '{"old":1}' }),
      record('b'),
      record('a', { document: 'last' }),
    ]);
    expectRecords((await suite.subject.scan(name)).lines, [record('b'), record('a', { document: 'last' })]);
  });

  suite.case('an empty id is refused', async () => {
    const name = await suite.collection();
    await refused(suite.subject.upsert(name, [record(''), record('b')]), 'invalid');
    expect(await suite.subject.count(name)).toBe(0);
  });

  suite.case('an id with NUL is kept, or refused as invalid', async () => {
    const name = await suite.collection();
    const lines = [record('a\u0000b'), record('c')];
    const error = await suite.subject.upsert(name, lines).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (error !== undefined) await refused(Promise.reject(error), 'invalid');
    expectRecords((await suite.subject.scan(name)).lines, error === undefined ? lines : []);
  });
}

/** Only where ids are text and nothing else does an integer become the text of its digits. */
function keepsApart(suite: Suite): boolean {
  const { idKinds } = suite.subject.capabilities;
  return idKinds.includes('integer') || !idKinds.includes('string');
}
