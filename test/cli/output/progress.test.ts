import { expect, test } from 'vitest';
import { Progress, type ProgressMode } from '../../../src/cli/output/progress.ts';
import type { Stderr } from '../../../src/cli/output/stderr.ts';

function shown(mode: ProgressMode, times: number[]): string {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  const stderr = { write, line: (line: string) => write(`${line}\n`), columns: 60 } as unknown as Stderr;
  const progress = new Progress(stderr, mode, 'migrate', 0);
  for (const [index, time] of times.entries()) {
    progress.update({ done: 250 * (index + 1), total: 1000, rate: 50 }, time);
  }
  progress.end();
  return text;
}

test('without a terminal: one line every few seconds', () => {
  expect(shown('lines', [100, 4000, 5100, 6000])).toBe('migrate: 750 of 1,000 (75 %), 50/s, 5 s left\n');
});

test('on a terminal: one line that is redrawn, never wraps and goes away', () => {
  const bar = shown('bar', [0, 1]);
  expect(bar.endsWith('\r\u001b[K')).toBe(true);
  for (const drawn of bar.split('\r\u001b[K')) expect(drawn.length).toBeLessThan(60);
  expect(bar).toContain('[======      ');
});

test('for machines: NDJSON; quiet: nothing', () => {
  const lines = shown('json', [0, 1]).trimEnd().split('\n');
  expect(lines.map(line => JSON.parse(line).progress.done)).toEqual([250, 500]);
  expect(shown('none', [0, 10_000])).toBe('');
});
