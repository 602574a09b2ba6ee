import { expect, test, vi } from 'vitest';
import { VdbError } from '../../src/model/errors.ts';
import { withScripts, worlds } from './fixture/world.ts';

withScripts();
const newWorld = worlds();

async function failure(call: Promise<unknown>): Promise<VdbError> {
  const error = await call.then(
    () => null,
    reason => reason,
  );
  expect(error).toBeInstanceOf(VdbError);
  return error;
}

test('answers, and tells who it is', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const status = await daemon.call('daemon.status', {});
  expect(status).toMatchObject({ running: true, protocol: 1, socket: world.address.socket });
  expect(world.pids()).toEqual([status.pid]);
  const methods = await daemon.call('daemon.methods', {});
  expect(methods.map(({ method }) => method)).toContain('record.scan');
});

test('gives the handler context, secrets and the remaining time', async () => {
  const daemon = await newWorld().daemon();
  const [seen] = await daemon.call('connection.ping', {}, { secrets: { pg: { password: 'x' } } });
  expect(JSON.parse(seen!.connection)).toMatchObject({
    context: { session: 'default', umask: 0o022 },
    secrets: { pg: { password: 'x' } },
    call: { deadlineMs: 1500 },
  });
});

test('an error arrives whole, with the facts only the dispatcher knows', async () => {
  const daemon = await newWorld().daemon();
  const error = await failure(daemon.call('profile.show', { name: 'pg' }));
  expect(error).toMatchObject({ code: 'not_found', message: 'no profile pg' });
  expect(error.details).toMatchObject({
    op: 'show',
    requestId: expect.stringMatching(/-\d+$/),
    elapsedMs: expect.any(Number),
  });
});

test('what is no error of ours becomes internal, and its text stays in the log, without the secrets of the call', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const call = daemon.call('collection.list', { target: {} }, { secrets: { pg: { password: 'hunter2' } } });
  const error = await failure(call);
  expect(error.code).toBe('internal');
  expect(JSON.stringify([error.message, error.details])).not.toContain('password');
  expect(world.log).toContain('cannot use the password [secret]');
  expect(world.log).toContain(error.details.requestId);
  expect(world.log).not.toContain('hunter2');
});

test('params are checked, unknown methods refused, and neither is quoted', async () => {
  const world = newWorld();
  await world.daemon();
  const { socket, next } = await world.socket();
  socket.write(world.hello());
  socket.write('{"jsonrpc":"2.0","id":1,"method":"profile.show","params":{"name":{"hunter2":1}}}\n');
  socket.write('{"jsonrpc":"2.0","id":2,"method":"no.such","params":{"password":"hunter2"}}\n');
  socket.write('{"jsonrpc":"2.0","id":3,"method":"profile.show","params":{"name":"a","more":1}}\n');
  expect(await next()).toMatchObject({ id: 0, result: { protocol: 1 } });
  const answers = [await next(), await next(), await next()];
  expect(answers.map(answer => [answer?.id, answer?.error.code, answer?.error.data.code])).toEqual(
    expect.arrayContaining([
      [1, -32602, 'usage'],
      [2, -32601, 'unsupported'],
      [3, -32602, 'usage'],
    ]),
  );
  expect(JSON.stringify(answers)).not.toContain('hunter2');
});

test('cancelling a call answers it with cancelled and leaves the socket usable', async () => {
  const daemon = await newWorld().daemon();
  const controller = new AbortController();
  const call = daemon.call('record.count', { target: {}, exact: true }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  expect(await failure(call)).toMatchObject({ code: 'cancelled', details: { outcome: 'not_applied' } });
  expect(await daemon.call('connection.ping', {})).toHaveLength(1);
});

test('closing the socket cancels what runs on it', async () => {
  const world = newWorld();
  const leaving = await world.daemon();
  const staying = await world.daemon();
  const seen = async () => JSON.parse((await staying.call('session.list', {}))[0]!.name);
  const calls = Array.from({ length: 20 }, () => failure(leaving.call('record.count', { target: {}, exact: true })));
  while ((await seen()).open < 20);
  await leaving.close();
  expect((await Promise.all(calls)).every(({ code }) => code === 'unreachable')).toBe(true);
  while ((await seen()).aborted < 20);
});

test('a deadline ends the call: a read may be repeated, of a write nothing is known', async () => {
  const daemon = await newWorld().daemon();
  const context = { session: 'default', cwd: '/', umask: 0, readOnly: false, timeoutMs: 50 };
  const read = await failure(daemon.call('record.count', { target: {}, exact: true }, { context }));
  expect(read).toMatchObject({ code: 'timeout', retryable: true, details: { outcome: 'not_applied' } });
  const write = await failure(daemon.call('record.delete', { target: {}, all: true, dryRun: false }, { context }));
  expect(write).toMatchObject({ code: 'timeout', retryable: false, details: { outcome: 'unknown' } });
  const startedAt = performance.now();
  const deaf = await failure(daemon.call('collection.drop', { target: {}, dryRun: false }, { context }));
  expect(deaf).toMatchObject({ code: 'timeout', details: { outcome: 'unknown' } });
  expect(performance.now() - startedAt).toBeLessThan(1000);
});

test('a stream may take longer than its deadline as long as items come', async () => {
  const daemon = await newWorld().daemon();
  let items = 0;
  const slow = new Promise<void>(resolve => setTimeout(resolve, 1500));
  const { count } = await daemon.call(
    'record.scan',
    { target: {}, limit: 40, where: '1000000', with: [] },
    {
      onItems: async list => {
        items += list.length;
        if (items === 1) await slow;
      },
    },
  );
  expect([count, items]).toEqual([40, 40]);
}, 10_000);

test('items come in order before the result, in few frames, with progress at most ten times a second', async () => {
  const daemon = await newWorld().daemon();
  const frames: number[] = [];
  let reports = 0;
  const startedAt = performance.now();
  await daemon.call(
    'record.scan',
    { target: {}, limit: 50_000, where: '100', with: [] },
    { onItems: items => void frames.push(items.length), onProgress: () => reports++ },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  expect(frames.reduce((sum, n) => sum + n, 0)).toBe(50_000);
  expect(frames.length).toBeLessThan(10 + seconds * 25);
  expect(reports).toBeLessThanOrEqual(2 + seconds * 11);
});

test('while a reader is behind, the handler waits', async () => {
  const world = newWorld();
  const daemon = await world.daemon();
  const other = await world.daemon();
  const pulled = async () => JSON.parse((await other.call('session.list', {}))[0]!.name).pulled;
  let go = (): void => undefined;
  const gate = new Promise<void>(resolve => (go = resolve));
  const call = daemon.call(
    'record.scan',
    { target: {}, limit: 1000, where: '100000', with: [] },
    { onItems: () => gate },
  );
  await new Promise(resolve => setTimeout(resolve, 300));
  const before = await pulled();
  await new Promise(resolve => setTimeout(resolve, 200));
  expect(await pulled()).toBe(before);
  expect(before).toBeLessThan(100);
  go();
  expect((await call).count).toBe(1000);
});

test('a reader that is behind can still cancel', async () => {
  const daemon = await newWorld().daemon();
  const controller = new AbortController();
  const call = daemon.call(
    'record.scan',
    { target: {}, limit: 1000, where: '100000', with: [] },
    { signal: controller.signal, onItems: () => new Promise(resolve => setTimeout(resolve, 300)) },
  );
  setTimeout(() => controller.abort(), 100);
  expect((await failure(call)).code).toBe('cancelled');
});

test('an item that fits no frame is an error, and the next call works', async () => {
  const daemon = await newWorld().daemon();
  const call = daemon.call('record.scan', { target: {}, limit: 1, where: '9000000', with: [] });
  expect(await failure(call)).toMatchObject({ code: 'invalid', details: { reason: 'too_large' } });
  expect(await daemon.call('connection.ping', {})).toHaveLength(1);
});

test('at most 64 requests are in flight on a socket', async () => {
  const daemon = await newWorld().daemon();
  const errors: VdbError[] = [];
  const calls = Array.from({ length: 70 }, async () => {
    errors.push(await failure(daemon.call('record.count', { target: {}, exact: true })));
  });
  await vi.waitUntil(() => errors.length === 6);
  expect(errors[0]).toMatchObject({ code: 'busy', retryable: true, details: { reason: 'queue_full' } });
  await daemon.close();
  await Promise.all(calls);
  expect(errors.filter(({ code }) => code === 'busy')).toHaveLength(6);
});
