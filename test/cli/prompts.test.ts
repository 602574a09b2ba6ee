import { execa } from 'execa';
import { expect, test } from 'vitest';
import { World } from '../blackbox/world.ts';

/** Runs vdb on a terminal of its own and types once `question` is shown; all that the terminal showed. */
async function onTerminal(world: World, command: string, question: RegExp, typed: string) {
  const terminal = execa('script', ['-qfec', `${world.bin} ${command}`, '/dev/null'], {
    reject: false,
    extendEnv: false,
    env: { ...world.env, TERM: 'xterm' },
    cwd: world.dir,
    timeout: 30_000,
  });
  let shown = '';
  let answered = false;
  terminal.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (answered || !question.test(shown)) return;
    answered = true;
    terminal.stdin.write(typed);
  });
  const { exitCode } = await terminal;
  return { shown, exit: exitCode, asked: answered };
}

// util-linux `script` gives a terminal; its options differ elsewhere.
test.skipIf(process.platform !== 'linux')('confirmations name connection, endpoint and count', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'l', '--provider', 'lancedb', '--path', 'data']);
  await world.ok(['collection', 'create', 'l/docs', '--dimension', '2']);
  await world.ok(['upsert', 'l/docs', '-'], { input: '{"id":"a","vector":[1,2]}' });
  const question = /Drop l\/docs at \/.*data with 1 records\? \[y\/N\] /;
  const no = await onTerminal(world, 'collection drop l/docs', question, 'n\r');
  expect(no).toMatchObject({ exit: 23, asked: true });
  expect((await onTerminal(world, 'collection drop l/docs', question, '\u0003')).exit).toBe(130);
  expect(JSON.parse(await world.ok(['count', 'l/docs'])).count).toBe(1);
  const silent = await world.run(['collection', 'drop', 'l/docs', '--json']);
  expect(silent.exit).toBe(2);
  const yes = await onTerminal(world, 'collection drop l/docs', question, 'y\r');
  expect(yes.exit).toBe(0);
  expect((await world.run(['count', 'l/docs'])).exit).toBe(66);
});

test.skipIf(process.platform !== 'linux')('a secret is asked for without echo, and Ctrl-C leaves', async () => {
  const world = new World();
  const at = ['--host', '127.0.0.1', '--port', '1'];
  await world.ok(['profile', 'add', 'p', '--provider', 'pgvector', ...at, '--prompt', '--no-test']);
  const left = await onTerminal(world, 'ping p', /password for p: /, 'sesame\u0003');
  expect(left).toMatchObject({ exit: 130, asked: true });
  const given = await onTerminal(world, 'ping p', /password for p: /, 'sesaam\u007f\u007fme\r');
  expect(given).toMatchObject({ exit: 69, asked: true });
  expect(left.shown + given.shown).not.toContain('sesa');
  expect((await onTerminal(world, 'ping p --no-input', /never shown/, '')).asked).toBe(false);
});
