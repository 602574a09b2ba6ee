import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lines } from '../../../src/cli/input/lines.ts';
import { chunks, collect } from './chunks.ts';

const line = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary', maxLength: 20 }).map(text => text.replace(/[\r\n\ufeff]/g, '')),
);

test('every line with its number, however it ends and is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }),
      async (texts, end, ended, cuts) => {
        const well = texts.filter(text => text.isWellFormed());
        const expected = well
          .map((text, index) => ({ text, number: index + 1 }))
          .filter(({ text }) => !/^[ \t\r]*$/.test(text));
        const found = await collect(lines(chunks(well.join(end) + (ended ? end : ''), cuts)));
        expect(found.map(({ text, number }) => ({ text, number }))).toEqual(expected);
      },
    ),
  );
});

test('a byte order mark is dropped, UTF-16 and broken UTF-8 are refused with the line', async () => {
  expect((await collect(lines(chunks('\ufeff{}\n', [1]))))[0]!.text).toBe('{}');
  const utf16 = Buffer.from('\ufeff{"id":"a"}\n', 'utf16le');
  await expect(collect(lines(chunks(utf16, [])))).rejects.toMatchObject({ code: 'invalid' });
  const broken = Buffer.concat([Buffer.from('{}\n{}\n"'), Buffer.from([0xc3]), Buffer.from('"\n')]);
  await expect(collect(lines(chunks(broken, [])))).rejects.toMatchObject({ details: { data: { line: 3 } } });
});

test('a line without an end is refused before it fills memory', async () => {
  let given = 0;
  const endless = async function* () {
    for (;;) {
      given += 1 << 20;
      yield Buffer.alloc(1 << 20, 'x');
    }
  };
  await expect(collect(lines(endless()))).rejects.toMatchObject({ details: { reason: 'too_large' } });
  expect(given).toBeLessThan(6 << 20);
});
