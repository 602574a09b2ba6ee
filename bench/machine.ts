import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from './measure.ts';

const ROOT = join(import.meta.dirname, '..');

/** A user's vdb in a temporary directory, gone when the benchmark ends. */
export class Machine {
  readonly dir = mkdtempSync(join(tmpdir(), 'vdb-bench-'));
  readonly env = {
    PATH: process.env.PATH!,
    HOME: this.dir,
    VDB_CONFIG_DIR: join(this.dir, 'config'),
    VDB_STATE_DIR: join(this.dir, 'state'),
  };

  constructor() {
    process.on('exit', () => this.end());
  }

  command(...args: string[]): Command {
    return { file: join(ROOT, 'bin/vdb'), args, options: { env: this.env, cwd: this.dir } };
  }

  run(args: string[], input?: string | Buffer): string {
    const { status, stdout, stderr } = spawnSync(join(ROOT, 'bin/vdb'), args, {
      env: this.env,
      cwd: this.dir,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      ...(input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] } : { input }),
    });
    if (status !== 0) throw new Error(`vdb ${args.join(' ')} ended with ${status}: ${stderr}`);
    return stdout;
  }

  end(): void {
    if (!existsSync(this.dir)) return;
    spawnSync(join(ROOT, 'bin/vdb'), ['daemon', 'stop'], { env: this.env, stdio: 'ignore' });
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const NODE_NOTHING: Command = { file: process.execPath, args: ['-e', '0'] };

/** `n` lines made from the sample's cities by numbering their ids. */
export async function cityLines(n: number): Promise<string[]> {
  const { createGunzip } = await import('node:zlib');
  const { createInterface } = await import('node:readline');
  const lines: string[] = [];
  for await (const line of createInterface({
    input: createReadStream(join(ROOT, 'samples/cities-1k.ndjson.gz')).pipe(createGunzip()),
  }))
    lines.push(line);
  return Array.from({ length: n }, (_, i) => lines[i % lines.length]!.replace('{"id":"', `{"id":"${i}-`));
}
