import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import type { SecretNeed } from '../model/errors.ts';
import { VdbError } from '../model/errors.ts';
import { variable } from './environment.ts';
import type { Stderr } from './output/stderr.ts';
import { ask, canAsk } from './terminal.ts';

/** Profile → secret name → value. */
export type SecretValues = Record<string, Record<string, string>>;

const COMMAND_LIMIT_MS = 10_000;
const LARGEST_SECRET_BYTES = 1024 * 1024;

/** Gets each secret from its source. The values go to the daemon and nowhere else. */
export async function resolveSecrets(
  needs: readonly SecretNeed[],
  known: SecretValues,
  stderr: Stderr,
  mayAsk: boolean,
): Promise<SecretValues> {
  const values: SecretValues = { ...known };
  for (const need of needs) {
    const ofProfile = values[need.profile] ?? {};
    values[need.profile] = { ...ofProfile, [need.name]: await resolve(need, stderr, mayAsk) };
  }
  return values;
}

async function resolve(need: SecretNeed, stderr: Stderr, mayAsk: boolean): Promise<string> {
  const colon = need.source.indexOf(':');
  const kind = colon < 0 ? need.source : need.source.slice(0, colon);
  const rest = need.source.slice(colon + 1);
  switch (kind) {
    case 'env':
      return fromVariable(need, rest);
    case 'cmd':
      return fromCommand(need, rest);
    case 'file':
      return fromFile(need, rest);
    case 'prompt':
      return fromPrompt(need, stderr, mayAsk);
    default:
      throw new VdbError('protocol', `the daemon named an unknown kind of source for ${title(need)}`, {
        reason: 'version_skew',
      });
  }
}

function fromVariable(need: SecretNeed, name: string): string {
  const value = variable(name);
  if (value !== undefined) return value;
  throw missing(need, `the variable ${name} is not set`, `Set ${name}, or give another source with --secret.`);
}

async function fromCommand(need: SecretNeed, command: string): Promise<string> {
  // A process group of its own, so that the time limit also ends what the shell started.
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['inherit', 'pipe', 'inherit'], detached: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= LARGEST_SECRET_BYTES) chunks.push(chunk);
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
    child.stdout.destroy();
  }, COMMAND_LIMIT_MS);
  try {
    const status = await new Promise<number | string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? signal ?? 'an unknown status'));
    });
    if (late)
      throw missing(need, 'its command took longer than 10 s', 'Run the command by hand to see what it waits for.');
    if (status !== 0) throw missing(need, `its command ended with ${status}`, 'Run the command by hand to see why.');
  } catch (error) {
    if (error instanceof VdbError) throw error;
    throw missing(need, `its command could not be started (${(error as NodeJS.ErrnoException).code})`);
  } finally {
    clearTimeout(timer);
  }
  return decode(need, Buffer.concat(chunks), bytes);
}

async function fromFile(need: SecretNeed, path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    return decode(need, size > LARGEST_SECRET_BYTES ? Buffer.alloc(0) : await readFile(path), size);
  } catch (error) {
    if (error instanceof VdbError) throw error;
    throw missing(need, `the file ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function fromPrompt(need: SecretNeed, stderr: Stderr, mayAsk: boolean): Promise<string> {
  if (mayAsk && canAsk(stderr)) return ask(stderr, `${need.name} for ${need.profile}: `, true);
  throw new VdbError('usage', `${title(need)} is asked for at each connect, and there is no terminal to ask on`, {
    reason: 'needs_secret',
    hint: `Save the profile with --secret ${need.name}=env:NAME, cmd:COMMAND or file:PATH instead of a prompt.`,
  });
}

/** One final newline is dropped. What cannot be text is refused without a word of its content. */
function decode(need: SecretNeed, bytes: Buffer, size: number): string {
  if (size > LARGEST_SECRET_BYTES) throw missing(need, 'its source gives more than 1 MiB');
  try {
    const value = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
    if (value !== '') return value;
  } catch {
    throw missing(need, 'its source gives bytes that are not UTF-8');
  }
  throw missing(need, 'its source is empty');
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function title(need: SecretNeed): string {
  return `the ${need.name} of profile ${need.profile}`;
}

function missing(need: SecretNeed, why: string, hint?: string): VdbError {
  return new VdbError('denied', `${title(need)} could not be had: ${why}`, {
    reason: 'needs_secret',
    outcome: 'not_applied',
    ...(hint ? { hint } : {}),
  });
}
