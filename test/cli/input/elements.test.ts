import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elements } from '../../../src/cli/input/elements.ts';
import { chunks, collect } from './chunks.ts';

const space = fc.constantFrom('', ' ', '\n', '\t \r\n');
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 });

test('the elements of any array, however it is spaced and cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), space, fc.nat(4), sizes, async (values, blank, indent, cuts) => {
      const texts = values.map(value => JSON.stringify(value, null, indent));
      const input = `${blank}[${blank}${texts.join(`${blank},${blank}`)}${blank}]${blank}`;
      const found = await collect(elements(chunks(input, cuts)));
      expect(found.map(({ text }) => text)).toEqual(texts);
      expect(found.map(({ number }) => number)).toEqual(texts.map((_, index) => index + 1));
    }),
  );
});

test('one object over several lines, and nothing at all', async () => {
  const object = '{\n "id": "a]}",\n "n": 9007199254740993\n}';
  expect((await collect(elements(chunks(`  ${object}\n`, [3])))).map(({ text }) => text)).toEqual([object]);
  expect(await collect(elements(chunks(' \n', [])))).toEqual([]);
});

test.each(['[1', '[1 2]', '[1,]', '[,1]', '[1]2', '[{"a":1]', '{} {}', '[1,,2]', '[', '[1}', '"open'])(
  'refuses %s',
  async input => {
    await expect(collect(elements(chunks(input, [])))).rejects.toMatchObject({ code: 'invalid' });
  },
);

test('elements before a fault are given', async () => {
  const found: string[] = [];
  await expect(
    (async () => {
      for await (const texts of elements(chunks('[1,{"a":2} 3]', []))) found.push(...texts.map(({ text }) => text));
    })(),
  ).rejects.toMatchObject({ code: 'invalid' });
  expect(found).toEqual(['1', '{"a":2}']);
});
