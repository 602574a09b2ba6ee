import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type CallLines, calls } from '../../../src/cli/input/calls.ts';
import { LONGEST_TEXT_BYTES, type RecordText } from '../../../src/cli/input/recordText.ts';

const record = (number: number, bytes = 10): RecordText => ({ text: `r${number}`, bytes, number });

async function all(texts: AsyncIterable<RecordText[]>): Promise<CallLines[]> {
  const found: CallLines[] = [];
  for await (const call of calls(texts)) found.push(call);
  return found;
}

test('a call stays within its size, and its lines are consecutive', async () => {
  const half = LONGEST_TEXT_BYTES / 2;
  const found = await all(
    (async function* () {
      yield [record(1, half), record(2, half), record(3, 1)];
      yield [record(4), record(7), record(8)];
    })(),
  );
  expect(found).toEqual([
    { lines: ['r1', 'r2'], firstLine: 1 },
    { lines: ['r3', 'r4'], firstLine: 3 },
    { lines: ['r7', 'r8'], firstLine: 7 },
  ]);
});

test('what a slow source gave is sent without waiting for more', async () => {
  const { promise: forever } = Promise.withResolvers<void>();
  const slow = (async function* () {
    yield [record(1)];
    await forever;
  })();
  const first = await Promise.race([calls(slow).next(), sleep(5000, 'late')]);
  expect(first).toEqual({ done: false, value: { lines: ['r1'], firstLine: 1 } });
});

test('a fault of the source comes after what was read before it', async () => {
  const found: CallLines[] = [];
  const faulty = (async function* () {
    yield [record(1)];
    throw new Error('fault');
  })();
  await expect(
    (async () => {
      for await (const call of calls(faulty)) found.push(call);
    })(),
  ).rejects.toThrow('fault');
  expect(found).toEqual([{ lines: ['r1'], firstLine: 1 }]);
});
