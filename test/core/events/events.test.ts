import { expect, test } from 'vitest';
import { Events } from '../../../src/core/events/events.ts';

const never = new AbortController().signal;
const added = (events: Events, from: number, to: number): void => {
  for (let i = from; i < to; i++) events.tell('profile.added', { profile: `p${i}`, provider: 'x' });
};

test('a reader gets what happens after it came, in order, with what it is about', async () => {
  const events = new Events();
  added(events, 0, 1);
  const reader = events.reader();
  events.tell('connection.closed', { profile: 'a' }, { connection: 'c', session: 's' });
  added(events, 1, 3);
  expect(await reader.next(never)).toMatchObject([
    {
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      type: 'connection.closed',
      session: 's',
      connection: 'c',
      data: { profile: 'a' },
    },
    { type: 'profile.added', session: null, connection: null, data: { profile: 'p1' } },
    { data: { profile: 'p2' } },
  ]);
  expect(events.recent()).toHaveLength(4);
  const later = reader.next(never);
  added(events, 3, 4);
  expect(await later).toMatchObject([{ data: { profile: 'p3' } }]);
});

test('one that is behind by more than a thousand loses the oldest and is told how many; others lose none', async () => {
  const events = new Events();
  const slow = events.reader();
  const quick = events.reader(({ type }) => type === 'profile.deleted');
  added(events, 0, 1_200);
  events.tell('profile.deleted', { profile: 'p' });
  const got = (await slow.next(never))!;
  expect(got).toHaveLength(1_001);
  expect(got[0]).toMatchObject({ type: 'events.dropped', data: { count: 201 } });
  expect(got[1]).toMatchObject({ data: { profile: 'p201' } });
  expect(await quick.next(never)).toMatchObject([{ type: 'profile.deleted' }]);
  expect(events.recent()).toHaveLength(1_000);
});

test('waiting ends with the caller and with the process; what waits is still read', async () => {
  const events = new Events();
  const reader = events.reader();
  const abort = new AbortController();
  const waiting = reader.next(abort.signal);
  abort.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
  added(events, 0, 1);
  events.close();
  expect(await reader.next(never)).toHaveLength(1);
  expect(await reader.next(never)).toBeNull();
  expect(await events.reader().next(never)).toBeNull();
  added(events, 1, 2);
  expect(await reader.next(never)).toBeNull();
});
