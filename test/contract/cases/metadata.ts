import { expect } from 'vitest';
import { formatPath } from '../../../src/model/filter/format.ts';
import { record } from '../records.ts';
import { expectRecords } from '../sameRecords.ts';
import type { Suite } from '../suite.ts';
import { roundTrip } from './roundTrip.ts';

/** Values by the property that each could lose. Every one is written under the same key `v`, so that types mix in a field. */
const VALUES: Record<string, string[]> = {
  'integers to 64 bits': [
    '0',
    '1',
    '-1',
    '9007199254740991',
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
  ],
  'integers beyond int64': ['9223372036854775808', '18446744073709551615', '1'],
  floats: ['1.5', '0.1', '-2.5e-3', '5e-324', '1.7976931348623157e308', '1.5e300', '1e21', '1E5', '123456789.125'],
  'whole floats': ['1.0', '0.0', '-0.0', '-1.0', '1e2', '9007199254740992.0', '1e300'],
  'floats and integers in one field': ['1', '1.0', '-0.0', '0', '9007199254740993', '9007199254740992.0', '2.5'],
  'booleans and null': ['true', 'false', 'null', 'true'],
  strings: [
    '""',
    '" "',
    '"7"',
    '"true"',
    '"null"',
    '"Grüße 世界 👋🏽"',
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\\\ \\" \\/ \\n\\r\\t\\b\\f"',
    '"\\u2028\\ufeff\\u007f"',
    '"it\'s; DROP TABLE x; --"',
    '"2024-01-31T12:00:00Z"',
    '"{\\"a\\":1}"',
  ],
  'arrays of one type': ['[1,2,3]', '[1.0,2.5]', '["a","b",""]', '[true,false]', '[]', '[9223372036854775807,-1]'],
  'arrays of mixed types': [
    '[1,"a",null,true,1.0,-0.0]',
    '[null]',
    '[[]]',
    '[[1],[2,[3]]]',
    '[{"a":1},{"b":[]}]',
    '["a\\u0000b"]',
    '[1,2.0]',
    '["a",null]',
  ],
  objects: [
    '{}',
    '{"a":{"b":{"c":[{"d":null}]}}}',
    '{"":{"":0}}',
    '{"a.b":1,"a":{"b":2}}',
    '{"z":1,"a":-0.0,"m":1e21}',
  ],
  'dates, geo and bytes': [
    '{"$date":"2024-01-31T12:00:00Z"}',
    '{"$date":"2024-01-31T12:00:00.123456+02:00"}',
    '{"$geo":{"lat":1.5,"lon":-2.0}}',
    '{"$bytes":"AAEC"}',
  ],
  'one field of every type': [
    '1',
    '"a"',
    'true',
    'null',
    '2.5',
    '[]',
    '{}',
    '["a"]',
    '{"a":[1.0]}',
    '18446744073709551615',
  ],
};

/** Keys that a table, a query language or vdb itself could mistake for something of its own. */
const KEYS = [
  '_rowid',
  '_distance',
  '_score',
  'id',
  'ID',
  'vector',
  'document',
  'metadata',
  'uri',
  '',
  ' ',
  'a`b',
  'a.b',
  '$x',
  '$and',
  '1',
  'a b',
  "it's",
  'say "x"',
  'back\\slash',
  'ключ',
  '👋',
  '__proto__',
  'constructor',
  'select',
  'Price',
  'price',
  'new\nline',
  'nul\u0000',
  'x'.repeat(300),
];

export function metadataCases(suite: Suite): void {
  for (const [what, values] of Object.entries(VALUES)) {
    suite.case(`metadata keeps ${what}`, async () => {
      const ids = values.map((_, i) => `m${i}`);
      const lines = values.map((value, i) => record(ids[i]!, { metadata: `{"v":${value},"i":${i}}` }));
      await roundTrip(suite, await suite.collection(), lines, ids);
    });

    suite.case(`metadata keeps ${what}, each written after the other`, async () => {
      const name = await suite.collection();
      const lines = values.map((value, i) => record(`m${i}`, { metadata: `{"v":${value}}` }));
      for (const line of lines) await suite.subject.upsert(name, [line]);
      expectRecords((await suite.subject.scan(name)).lines, lines);
    });
  }

  suite.case('metadata absent, empty, and null are told apart', async () => {
    const lines = [
      record('absent'),
      record('null', { metadata: '{"a":null}' }),
      record('other', { metadata: '{"b":1}' }),
      record('nested', { metadata: '{"a":{"b":null}}' }),
    ];
    await roundTrip(suite, await suite.collection(), lines, ['absent', 'null', 'other', 'nested']);
  });

  suite.case('a key that was an integer becomes a float in a later write', async () => {
    const name = await suite.collection();
    const first = ['1', '0', '-5', '4503599627370497'].map((n, i) => record(`i${i}`, { metadata: `{"n":${n}}` }));
    const second = ['2.5', '3.0', '-0.0', '1e21'].map((n, i) => record(`f${i}`, { metadata: `{"n":${n}}` }));
    await suite.subject.upsert(name, first);
    await suite.subject.upsert(name, second);
    const third = [record('i9', { metadata: '{"n":9}' })];
    await suite.subject.upsert(name, third);
    expectRecords((await suite.subject.scan(name)).lines, [...first, ...second, ...third]);
  });

  suite.case('a key with integers beyond 2^53 meets a float', async () => {
    const name = await suite.collection();
    const first = [record('big', { metadata: '{"n":9007199254740993}' }), record('one', { metadata: '{"n":1}' })];
    const second = [record('float', { metadata: '{"n":1.5}' }), record('whole', { metadata: '{"n":1.0}' })];
    await suite.subject.upsert(name, first);
    await suite.subject.upsert(name, second);
    expectRecords((await suite.subject.scan(name)).lines, [...first, ...second]);
  });

  suite.case('300 keys over many records', async () => {
    const lines = Array.from({ length: 100 }, (_, r) => {
      const keys = Array.from({ length: 6 }, (_, k) => (r * 3 + k) % 300);
      return record(`w${r}`, { metadata: `{${keys.map(k => `"key${k}":${k % 2 ? `"${r}"` : r}`).join(',')}}` });
    });
    const name = await suite.collection();
    await suite.subject.upsert(name, lines.slice(0, 50));
    await suite.subject.upsert(name, lines.slice(50));
    expectRecords((await suite.subject.scan(name)).lines, lines);
    const matched = await suite.subject.scan(name, { where: 'key299 = "99" or key0 exists' });
    expectRecords(
      matched.lines,
      lines.filter(line => /"key299":"99"|"key0":/.test(line)),
    );
  });

  suite.case('one record with 300 keys', async () => {
    const keys = Array.from({ length: 300 }, (_, k) => `"k${k}":${k}`);
    await roundTrip(suite, await suite.collection(), [record('wide', { metadata: `{${keys.join(',')}}` })], ['wide']);
  });

  suite.case('keys that look like something else are only keys', async () => {
    const name = await suite.collection();
    const lines = KEYS.map((key, i) => record(`k${i}`, { metadata: `{${JSON.stringify(key)}:${i}}`, document: 'd' }));
    const all = record('all', { metadata: `{${KEYS.map((key, i) => `${JSON.stringify(key)}:"${i}"`).join(',')}}` });
    await suite.subject.upsert(name, [...lines, all]);
    expectRecords((await suite.subject.scan(name)).lines, [...lines, all]);
  });

  for (const key of KEYS) {
    const shown = key.length > 20 ? `${key.slice(0, 5)}… (${key.length})` : key;
    suite.case(`the key ${JSON.stringify(shown)} is found, changed and deleted by`, async () => {
      const name = await suite.collection();
      const quoted = JSON.stringify(key);
      const one = record('one', { metadata: `{${quoted}:1,"other":true}`, document: 'first' });
      const two = record('two', { metadata: `{${quoted}:"text"}` });
      const three = record('three', { metadata: '{"other":true}' });
      await suite.subject.upsert(name, [one, two, three]);
      const field = formatPath([key]);
      const find = async (where: string) => (await suite.subject.scan(name, { where })).lines;
      expectRecords(await find(`${field} = 1`), [one]);
      expectRecords(await find(`${field} exists`), [one, two]);
      expectRecords(await find(`${field} ~ "ex"`), [two]);
      expectRecords(await find(`${field} is null and other = true`), [three]);
      const hits = await suite.subject.query(name, { vector: [1, 2, 3] });
      expect(hits).toHaveLength(3);
      const changed = record('one', { metadata: `{${quoted}:[2.0]}` });
      await suite.subject.upsert(name, [changed]);
      expectRecords(await find(`${field} exists`), [changed, two]);
      const without = record('two', { metadata: '{"x":1}' });
      await suite.subject.upsert(name, [without]);
      expectRecords((await suite.subject.scan(name)).lines, [changed, without, three]);
      await suite.subject.remove(name, ['one']);
      expectRecords((await suite.subject.scan(name)).lines, [without, three]);
    });
  }
}
