import { expect, test } from 'vitest';
import { ByteQueue } from '../../../src/core/transfer/byteQueue.ts';

const turn = () => new Promise(resolve => setImmediate(resolve));

test('holds back producers beyond its bytes, lets one oversized item in, and keeps order', async () => {
  const queue = new ByteQueue<number>(100);
  const pushed: number[] = [];
  const producer = (async () => {
    for (const [i, bytes] of [500, 60, 40, 1].entries()) {
      await queue.push(i, bytes);
      pushed.push(i);
    }
    queue.close();
  })();
  await turn();
  expect(pushed).toEqual([0]);
  expect(await queue.shift()).toBe(0);
  await turn();
  expect(pushed).toEqual([0, 1, 2]);
  expect([await queue.shift(), await queue.shift(), await queue.shift(), await queue.shift()]).toEqual([
    1,
    2,
    3,
    undefined,
  ]);
  await producer;
});

test('a failure reaches everyone who waits, and whoever comes later', async () => {
  const queue = new ByteQueue<number>(10);
  const taking = queue.shift();
  queue.fail(new Error('broken'));
  await expect(taking).rejects.toThrow('broken');
  await expect(queue.push(1, 1)).rejects.toThrow('broken');
  await expect(queue.shift()).rejects.toThrow('broken');
});
