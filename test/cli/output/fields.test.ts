import { expect, test } from 'vitest';
import { csvCells, csvLine } from '../../../src/cli/output/csv.ts';
import { pick, project } from '../../../src/cli/output/fields.ts';

const row =
  '{"id":9007199254740993,"metadata":{"price":1.0,"a.b":"x,\\"y\\"","big":18446744073709551615},"document":null}';

test('values keep their spelling', () => {
  expect(project(row, ['id', 'metadata.price', 'metadata.big', 'absent'])).toBe(
    '{"id":9007199254740993,"metadata.price":1.0,"metadata.big":18446744073709551615}',
  );
  expect(pick(row, 'metadata.a.b')).toBe('"x,\\"y\\""');
  expect(pick(row, 'id.x')).toBeUndefined();
});

test('CSV quotes what needs it and leaves null and absent empty', () => {
  expect(csvLine(csvCells(row, ['id', 'metadata.a.b', 'document', 'absent']))).toBe('9007199254740993,"x,""y""",,\n');
  expect(csvLine(['a\nb', ''])).toBe('"a\nb",\n');
});
