import { expect } from 'vitest';
import { record } from '../records.ts';
import { expectRecords, idsOf } from '../sameRecords.ts';
import { refused, type Suite } from '../suite.ts';

const RECORDS: Record<string, string | undefined> = {
  none: undefined,
  one: '{"n":1,"s":"shoe","tags":["x","y"],"deep":{"a":{"b":5}},"on":true,"when":{"$date":"2024-01-31T12:00:00Z"}}',
  float: '{"n":1.0,"s":"Shoe","tags":"x","deep":{"a":5},"on":false}',
  two: '{"n":2.5,"s":"a shoe!","tags":[],"a.b":"dot","when":"2024-01-31T12:00:00Z"}',
  text: '{"n":"1","s":"","tags":[["x"]],"on":"true","when":{"$date":"2024-01-31T13:00:00+02:00"}}',
  null: '{"n":null,"s":null,"tags":[null],"on":null,"deep":null}',
  big: '{"n":9007199254740993,"s":"\uffee","tags":["X",1]}',
  near: '{"n":9007199254740992.0,"s":"\u{1f600}","tags":[1.0,true]}',
  list: '{"n":[0,7],"s":["red shoe","hat"],"deep":[{"a":{"b":5}}]}',
};
const ALL = Object.keys(RECORDS);
const not = (...ids: string[]): string[] => ALL.filter(id => !ids.includes(id));

/** Infix, JSON, and the ids that match. */
const CASES: [string, string, string[]][] = [
  ['n = 1', '{"n":1}', ['one', 'float']],
  ['n = 1.0', '{"n":{"$eq":1.0}}', ['one', 'float']],
  ['n != 1', '{"n":{"$ne":1}}', not('one', 'float')],
  ['n = "1"', '{"n":"1"}', ['text']],
  ['n = 7', '{"n":7}', ['list']],
  ['n < 1', '{"n":{"$lt":1}}', ['list']],
  ['n <= 1', '{"n":{"$lte":1}}', ['one', 'float', 'list']],
  ['n > 2', '{"n":{"$gt":2}}', ['two', 'big', 'near', 'list']],
  ['not n > 2', '{"$not":{"n":{"$gt":2}}}', not('two', 'big', 'near', 'list')],
  ['n >= 2.5', '{"n":{"$gte":2.5}}', ['two', 'big', 'near', 'list']],
  ['n = 9007199254740993', '{"n":9007199254740993}', ['big']],
  ['n = 9007199254740992', '{"n":9007199254740992}', ['near']],
  ['n > 9007199254740992.0', '{"n":{"$gt":9007199254740992.0}}', ['big']],
  ['n in (1, "1")', '{"n":{"$in":[1,"1"]}}', ['one', 'float', 'text']],
  ['n not in (1, 7)', '{"n":{"$nin":[1,7]}}', not('one', 'float', 'list')],
  ['n exists', '{"n":{"$exists":true}}', not('none', 'null')],
  ['n is null', '{"n":{"$exists":false}}', ['none', 'null']],
  ['n is not null and n != 1', '{"n":{"$exists":true,"$ne":1}}', ['two', 'text', 'big', 'near', 'list']],
  ['missing = 1', '{"missing":1}', []],
  ['missing != 1', '{"missing":{"$ne":1}}', ALL],
  ['missing is null', '{"missing":{"$exists":false}}', ALL],
  ['on = true', '{"on":true}', ['one']],
  ['on = false', '{"on":false}', ['float']],
  ['not on = true', '{"on":{"$not":{"$eq":true}}}', not('one')],
  ['s ~ "shoe"', '{"s":{"$contains":"shoe"}}', ['one', 'two', 'list']],
  ['not s ~ "shoe"', '{"$not":{"s":{"$contains":"shoe"}}}', not('one', 'two', 'list')],
  ['s ~ "%"', '{"s":{"$contains":"%"}}', []],
  ['s ~ "_"', '{"s":{"$contains":"_"}}', []],
  ['s ~ ""', '{"s":{"$contains":""}}', not('none', 'null')],
  ['s = ""', '{"s":""}', ['text']],
  ['s = "hat"', '{"s":"hat"}', ['list']],
  ['s > "a shoe!"', '{"s":{"$gt":"a shoe!"}}', ['one', 'big', 'near', 'list']],
  ['s < "T"', '{"s":{"$lt":"T"}}', ['float', 'text']],
  // By code point; UTF-16 order and most collations say otherwise.
  ['s > "\uffee"', '{"s":{"$gt":"\\uffee"}}', ['near']],
  ['tags has "x"', '{"tags":{"$has":"x"}}', ['one']],
  ['tags = "x"', '{"tags":"x"}', ['one', 'float']],
  ['tags has 1', '{"tags":{"$has":1}}', ['big', 'near']],
  ['tags has true', '{"tags":{"$has":true}}', ['near']],
  ['tags exists', '{"tags":{"$exists":true}}', not('none', 'list')],
  ['deep.a.b = 5', '{"deep.a.b":5}', ['one']],
  ['deep.a = 5', '{"deep.a":5}', ['float']],
  ['deep exists', '{"deep":{"$exists":true}}', ['one', 'float', 'list']],
  ['deep.a exists', '{"deep.a":{"$exists":true}}', ['one', 'float']],
  ['`a.b` = "dot"', '{"a\\\\.b":"dot"}', ['two']],
  ['when = "2024-01-31T12:00:00Z"', '{"when":"2024-01-31T12:00:00Z"}', ['one', 'two']],
  ['when = "2024-01-31T12:00Z"', '{"when":"2024-01-31T12:00Z"}', ['one']],
  ['when < "2024-01-31T12:00:00Z"', '{"when":{"$lt":"2024-01-31T12:00:00Z"}}', ['text']],
  ['when >= @2024-01-31T12:00:00Z', '{"when":{"$gte":{"$date":"2024-01-31T12:00:00Z"}}}', ['one', 'two']],
  ['id in ("one", "list", "other")', '{"$id":{"$in":["one","list","other"]}}', ['one', 'list']],
  ['id != "one"', '{"$id":{"$ne":"one"}}', not('one')],
  ['`id` = "one"', '{"id":"one"}', []],
  ['n = 1 and on = true or id = "none"', '{"$or":[{"n":1,"on":true},{"$id":"none"}]}', ['one', 'none']],
  ['n = 1 and (on = true or id = "none")', '{"n":1,"$or":[{"on":true},{"$id":"none"}]}', ['one']],
  ['not (n = 1 or s exists)', '{"$not":{"$or":[{"n":1},{"s":{"$exists":true}}]}}', ['none', 'null']],
  ['not (n = 1 and on = true)', '{"$not":{"n":1,"on":true}}', not('one')],
  ['not not n = 1', '{"$not":{"$not":{"n":1}}}', ['one', 'float']],
];

export function filterCases(suite: Suite): void {
  suite.case('every filter means the same in scan and count, in both spellings', async () => {
    const name = await suite.collection();
    const lines = ALL.map(id => record(id, { ...(RECORDS[id] !== undefined && { metadata: RECORDS[id]! }) }));
    await suite.subject.upsert(name, lines);
    const wrong: string[] = [];
    for (const [infix, json, ids] of CASES) {
      const wanted = ids.map(id => `s:${id}`).sort();
      for (const where of [infix, json]) {
        const found = idsOf((await suite.subject.scan(name, { where })).lines).sort();
        const count = await suite.subject.count(name, where);
        if (found.join() === wanted.join() && count === wanted.length) continue;
        wrong.push(`${where}: scan ${found.join(' ')}, count ${count}, expected ${wanted.join(' ')}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  suite.case('a filter brings whole records, whatever parts it looks at', async () => {
    const name = await suite.collection();
    const line = record('one', { metadata: RECORDS.one!, document: 'd' });
    await suite.subject.upsert(name, [line, record('two', { metadata: RECORDS.two! })]);
    expectRecords((await suite.subject.scan(name, { where: 'n = 1' })).lines, [line]);
    const { lines } = await suite.subject.scan(name, { where: 'n = 1', parts: ['document'] });
    expect(lines.map(text => JSON.parse(text))).toEqual([{ id: 'one', document: 'd' }]);
  });

  suite.case('removing by filter removes exactly what matches', async () => {
    for (const [where, , ids] of CASES) {
      if (!/^(n != 1|not n > 2|n exists|tags = "x"|not \(n = 1 and)/.test(where)) continue;
      const name = await suite.collection();
      const lines = ALL.map(id => record(id, { ...(RECORDS[id] !== undefined && { metadata: RECORDS[id]! }) }));
      await suite.subject.upsert(name, lines);
      expect(await suite.subject.removeWhere(name, where), where).toBe(ids.length);
      const left = idsOf((await suite.subject.scan(name)).lines);
      expect(left.sort(), where).toEqual(
        not(...ids)
          .map(id => `s:${id}`)
          .sort(),
      );
      expect(await suite.subject.removeWhere(name, 'missing = 1')).toBe(0);
    }
  });

  suite.case('a filter that does not parse, or is empty, is a usage error and removes nothing', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [record('a')]);
    for (const where of ['', '{}', 'n =', 'n = null', '{"$and":[]}', 'n in ()']) {
      for (const ask of [
        () => suite.subject.scan(name, { where }),
        () => suite.subject.count(name, where),
        () => suite.subject.removeWhere(name, where),
        () => suite.subject.query(name, { vector: [1, 2, 3], where }),
      ]) {
        await refused(ask(), 'usage', 'syntax');
      }
    }
    expect(await suite.subject.count(name)).toBe(1);
  });

  suite.case('clear removes every record and keeps the collection', async () => {
    const name = await suite.collection();
    await suite.subject.upsert(name, [record('a', { metadata: '{"n":1}' }), record('b')]);
    expect(await suite.subject.clear(name)).toBe(2);
    expect((await suite.subject.scan(name)).lines).toEqual([]);
    expect(await suite.subject.count(name)).toBe(0);
    expect(await suite.subject.collections()).toContain(name);
    expect(await suite.subject.clear(name)).toBe(0);
    const line = record('a', { metadata: '{"n":"text now"}' });
    await suite.subject.upsert(name, [line]);
    expectRecords((await suite.subject.scan(name)).lines, [line]);
  });
}
