import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa, type Options, type ResultPromise } from 'execa';
import { afterEach } from 'vitest';
import { TEST_BUILD_ROOT } from './build.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const open: World[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.end();
});

export interface Outcome {
  stdout: string;
  stderr: string;
  exit: number;
}

/** A user's machine in a temporary directory: its own config, state, data and daemon. */
export class World {
  readonly dir = mkdtempSync(join(tmpdir(), 'vdb-test-'));
  readonly bin: string;
  readonly env: Record<string, string>;

  /** `testBuild`: with what only tests may use. `keep`: it outlives the test, and whoever made it ends it. */
  constructor(options: { testBuild?: boolean; env?: Record<string, string>; keep?: boolean } = {}) {
    this.bin = join(options.testBuild ? TEST_BUILD_ROOT : ROOT, 'bin/vdb');
    this.env = {
      PATH: process.env.PATH ?? '',
      HOME: this.dir,
      VDB_CONFIG_DIR: join(this.dir, 'config'),
      VDB_STATE_DIR: join(this.dir, 'state'),
      ...options.env,
    };
    if (!options.keep) open.push(this);
  }

  start(args: string[], options: Options = {}): ResultPromise {
    const { env, ...rest } = options;
    return execa(this.bin, args, {
      reject: false,
      extendEnv: false,
      stripFinalNewline: false,
      maxBuffer: 1 << 30,
      cwd: this.dir,
      ...(rest.input === undefined && rest.stdin === undefined ? { stdin: 'ignore' as const } : {}),
      ...rest,
      env: { ...this.env, ...env },
    });
  }

  /** Runs to the end and tells all three: what it said, what it complained of, how it ended. */
  async run(args: string[], options: Options = {}): Promise<Outcome> {
    const result = await this.start(args, options);
    return { stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? ''), exit: exitOf(result) };
  }

  /** Runs what must succeed; the output as parsed JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect to be there
  async json<T = any>(args: string[], options: Options = {}): Promise<T> {
    return JSON.parse(await this.ok([...args, '--json'], options));
  }

  async ok(args: string[], options: Options = {}): Promise<string> {
    const outcome = await this.run(args, options);
    if (outcome.exit !== 0)
      throw new Error(`vdb ${args.join(' ')} ended with ${outcome.exit}: ${outcome.stderr}\n${outcome.stdout}`);
    return outcome.stdout;
  }

  async sh(script: string, options: Options = {}): Promise<Outcome> {
    const { env, ...rest } = options;
    const result = await execa('sh', ['-c', script], {
      reject: false,
      extendEnv: false,
      stripFinalNewline: false,
      maxBuffer: 1 << 30,
      cwd: this.dir,
      stdin: 'ignore',
      ...rest,
      env: { ...this.env, PATH: `${resolve(this.bin, '..')}:${this.env.PATH}`, ...env },
    });
    return { stdout: String(result.stdout ?? ''), stderr: String(result.stderr ?? ''), exit: exitOf(result) };
  }

  /** Processes that carry this world's state directory in their environment: its daemons and clients. */
  processes(): { pid: number; command: string }[] {
    const found: { pid: number; command: string }[] = [];
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
      try {
        if (!readFileSync(`/proc/${name}/environ`, 'utf8').includes(this.env.VDB_STATE_DIR!)) continue;
        if (readFileSync(`/proc/${name}/stat`, 'utf8').replace(/.*\) /s, '').startsWith('Z')) continue;
        found.push({
          pid: Number(name),
          command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
        });
      } catch {
        // It ended while we looked.
      }
    }
    return found;
  }

  daemons(): number[] {
    return this.processes()
      .filter(({ command }) => /vdbd\.js/.test(command))
      .map(({ pid }) => pid);
  }

  async end(): Promise<void> {
    for (let tries = 0; tries < 50; tries++) {
      const left = this.processes();
      if (left.length === 0) break;
      for (const { pid } of left) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It ended by itself.
        }
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** As a shell would see it: 128+n for a process that a signal ended. */
function exitOf(result: { exitCode?: number; signal?: string }): number {
  const numbers: Record<string, number> = { SIGINT: 130, SIGKILL: 137, SIGTERM: 143, SIGPIPE: 141 };
  return result.exitCode ?? numbers[result.signal ?? ''] ?? -1;
}
