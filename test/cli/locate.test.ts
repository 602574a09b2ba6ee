import { expect, test } from 'vitest';
import { parseDuration } from '../../src/cli/duration.ts';
import { askedFormat, locate } from '../../src/cli/locate.ts';

test.each([
  [['scan', '-c', 'x'], 'scan', ['-c', 'x']],
  [['-c', 'scan', 'count'], 'count', ['-c', 'scan']],
  [['-qc', 'scan', 'count', '-k'], 'count', ['-qc', 'scan', '-k']],
  [['-cscan', 'count'], 'count', ['-cscan']],
  [['--connection=scan', 'profile', '--json', 'list', 'x'], 'profile list', ['--connection=scan', '--json', 'x']],
  [['use', '-'], 'use', ['-']],
  [['profile', 'add', 'list'], 'profile add', ['list']],
])('%j', (argv, path, rest) => {
  const located = locate(argv);
  expect(located.entry?.path.join(' ')).toBe(path);
  expect(located.rest).toEqual(rest);
});

test('what is no command has no entry', () => {
  expect(locate([]).entry).toBeUndefined();
  expect(locate(['profile']).entry).toBeUndefined();
  expect(locate(['profile', 'nope']).words).toEqual(['profile', 'nope']);
});

test('the format asked for is known however broken the rest is', () => {
  expect(askedFormat(['scan', '--nope', '-o', 'ndjson'])).toBe('ndjson');
  expect(askedFormat(['-ojson'])).toBe('json');
  expect(askedFormat(['--output=csv', '--json'])).toBe('json');
  expect(askedFormat(['get', '--', '--json'])).toBeUndefined();
});

test('durations', () => {
  expect(['500ms', '30s', '5m', '1h', '2', '1.5s'].map(parseDuration)).toEqual([
    500, 30_000, 300_000, 3_600_000, 2000, 1500,
  ]);
  for (const wrong of ['', '0', '-1s', '1d', 's', '999999h'])
    expect(() => parseDuration(wrong)).toThrow(/not a duration/);
});
