import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { VdbError } from '../model/errors.ts';
import { addresses } from '../protocol/address.ts';
import type { Job } from '../protocol/methods/job.ts';
import type { MigrationResult } from '../protocol/methods/transfer.ts';
import type { CommandContext } from './context.ts';
import { inherited } from './environment.ts';

/** One step of samples/demo.json. In `run`, `{dir}` is the demo's directory and `{questionFile}` the question's vector. */
interface Step {
  say?: string;
  run: string[];
  /** A file of samples/ that is unpacked into the command's stdin. */
  input?: string;
  /** Index into the sample's questions. */
  question?: number;
  /** What the command prints is not worth reading. */
  quiet?: boolean;
}

/** Runs the steps of samples/demo.json as commands of a vdb of its own, and shows them. */
export class Demo {
  readonly #context: CommandContext;
  readonly #keep: boolean;
  readonly #samples = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../../samples/' : '../samples/', import.meta.url),
  );
  readonly #dir = mkdtempSync(join(tmpdir(), 'vdb-demo-'));
  readonly #env: Record<string, string>;

  constructor(context: CommandContext, keep: boolean) {
    this.#context = context;
    this.#keep = keep;
    this.#env = {
      ...inherited(),
      VDB_CONFIG_DIR: join(this.#dir, 'config'),
      VDB_STATE_DIR: join(this.#dir, 'state'),
      VDB_OUTPUT: 'table',
      NO_COLOR: '1',
    };
  }

  async run(): Promise<void> {
    try {
      const { steps } = JSON.parse(readFileSync(join(this.#samples, 'demo.json'), 'utf8')) as { steps: Step[] };
      for (const step of steps) await this.#show(step);
      await this.#conclude();
    } finally {
      await this.#vdb(['daemon', 'stop']).catch(() => undefined);
      if (!this.#keep) this.#remove();
    }
  }

  /** Also the directory that the daemon's socket had, when the demo's own path was too long for one. */
  #remove(): void {
    for (const { directory } of addresses(this.#env.VDB_STATE_DIR!, this.#env)) {
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    }
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  async #show({ say, run, input, question, quiet }: Step): Promise<void> {
    const { text, file } = question === undefined ? { text: '', file: '' } : this.#question(question);
    if (say !== undefined) await this.#print(`\n# ${say.replace('{question}', text)}\n`);
    const args = run.map(word => word.replace('{dir}', this.#dir).replace('{questionFile}', file));
    const path = input === undefined ? undefined : join(this.#samples, input);
    const source = path === undefined ? '' : `gzip -dc ${quote(path)} | `;
    await this.#print(`$ ${source}vdb ${args.map(quote).join(' ')}\n`);
    const output = await this.#vdb(args, path);
    if (!quiet) await this.#print(output);
  }

  /** A question in words, and a file with its vector. */
  #question(index: number): { text: string; file: string } {
    const line = readFileSync(join(this.#samples, 'cities-queries.ndjson'), 'utf8').split('\n')[index]!;
    const { text, vector } = JSON.parse(line) as { text: string; vector: number[] };
    const file = join(this.#dir, `question-${index + 1}.json`);
    writeFileSync(file, JSON.stringify(vector));
    return { text, file };
  }

  async #conclude(): Promise<void> {
    const [job] = JSON.parse(await this.#vdb(['job', 'list', '--json'])) as Job[];
    const { result } = JSON.parse(await this.#vdb(['job', 'show', job!.id, '--json'])) as { result: MigrationResult };
    const equal = result.verification?.equalRecords ?? 0;
    await this.#print(
      `\nDone: ${equal.toLocaleString('en')} of ${result.read.toLocaleString('en')} records verified equal in ${result.target}.\n`,
    );
    if (this.#keep) {
      const exports = ['VDB_CONFIG_DIR', 'VDB_STATE_DIR'].map(name => `${name}=${quote(this.#env[name]!)}`).join(' ');
      await this.#print(`Kept in ${this.#dir}. To go on from there:\n  export ${exports}\n`);
    } else {
      await this.#print("Nothing of this stays on the machine; 'vdb demo --keep' keeps it to play with.\n");
    }
  }

  /** What a command printed. A failure of its is ours. */
  async #vdb(args: string[], input?: string): Promise<string> {
    const { signal } = this.#context.interrupts;
    const stopping = args[0] === 'daemon';
    const child = spawn(process.execPath, [process.argv[1]!, ...args], {
      env: this.#env,
      cwd: this.#dir,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(stopping ? {} : { signal }),
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', text => {
        output += text;
      });
    }
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', error => reject(signal.aborted ? signal.reason : error));
      child.on('close', resolve);
    });
    // A command that fails closes its stdin early; what it says is the reason.
    const fed =
      input === undefined
        ? undefined
        : pipeline(createReadStream(input), createGunzip(), child.stdin!).catch(() => undefined);
    const [status] = await Promise.all([ended, fed]);
    if (status === 0) return output;
    if (signal.aborted) throw signal.reason;
    throw new VdbError('internal', `vdb ${args.join(' ')} ended with ${status}`, {
      cause: output.trim().split('\n')[0]!,
    });
  }

  #print(text: string): Promise<void> {
    return this.#context.output.piece(text);
  }
}

/** A word as a shell takes it. */
function quote(word: string): string {
  return /^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
