import { parseArgs } from 'node:util';
import { environmentLines } from './access.ts';
import { homeOf, install, isInstalled } from './install.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kinds.ts';
import { startServer, stopServer } from './launch.ts';
import { forget, note, noted } from './noted.ts';

const USAGE = `npm run servers -- install|start|stop|status [NAME…]
  NAME is one of ${KINDS.map(kind => kind.name).join(', ')}; all of them when none is given.
  start installs what is missing and prints the environment by which tests find the servers.`;

const COMMANDS: Record<string, (kind: Kind) => Promise<void>> = { install: installOne, start, stop, status };

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function installOne(kind: Kind): Promise<void> {
  if (isInstalled(kind)) return say(`${kind.name}: in ${homeOf(kind)}`);
  say(`${kind.name} ${kind.version}: installing …`);
  const began = performance.now();
  await install(kind);
  say(`${kind.name}: installed in ${((performance.now() - began) / 1000).toFixed(0)} s, ${homeOf(kind)}`);
}

async function start(kind: Kind): Promise<void> {
  let running = noted(kind.name);
  if (!running?.lives) {
    if (running) await stop(kind);
    await installOne(kind);
    const began = performance.now();
    const started = await startServer(kind.name);
    if (await note(started))
      say(`${kind.name}: ready in ${((performance.now() - began) / 1000).toFixed(1)} s, pid ${started.pid}`);
    else await stopServer(started);
    running = noted(kind.name);
  }
  if (!running) throw new Error('it was stopped while it started');
  process.stdout.write(`${environmentLines(kind.name, running.access).join('\n')}\n`);
}

async function stop(kind: Kind): Promise<void> {
  const running = noted(kind.name);
  if (!running) return say(`${kind.name}: not started`);
  const { killed } = await stopServer(running);
  await forget(kind.name);
  say(`${kind.name}: ${running.lives ? `stopped${killed ? ' by force' : ''}` : 'had ended'}`);
}

async function status(kind: Kind): Promise<void> {
  const running = noted(kind.name);
  const state = running ? (running.lives ? 'running' : 'ended') : isInstalled(kind) ? 'stopped' : 'not installed';
  const where = running?.lives ? `  pid ${running.pid}  port ${running.port}  ${running.data}` : '';
  process.stdout.write(`${kind.name.padEnd(13)}${kind.version.padEnd(19)}${state}${where}\n`);
}

async function main(): Promise<number> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [command = '', ...names] = positionals;
  const action = COMMANDS[command];
  const unknown = names.find(name => !KINDS.some(kind => kind.name === name));
  if (!action || unknown !== undefined) {
    say(unknown === undefined ? USAGE : `there is no server '${unknown}'\n${USAGE}`);
    return 2;
  }
  let failed = 0;
  for (const kind of KINDS.filter(each => names.length === 0 || names.includes(each.name))) {
    try {
      await action(kind);
    } catch (error) {
      failed = 1;
      say(`${kind.name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return failed;
}

process.exitCode = await main();
