import { type Outcome, VdbError } from '../model/errors.ts';
import { checkName } from '../model/ref.ts';
import type { Item, MethodName, Params, Result } from '../protocol/methods/methods.ts';
import type { Context, TargetParams } from '../protocol/methods/shared.ts';
import { SUMMARIES } from '../protocol/methods/summaries.ts';
import type { Daemon } from './daemonClient.ts';
import type { Environment } from './environment.ts';
import type { GlobalValues } from './globalOptions.ts';
import type { Interrupts } from './interrupts.ts';
import { monotonic } from './monotonic.ts';
import type { Output, RowSink } from './output/output.ts';
import { Progress, type ProgressMode, type ProgressUpdate } from './output/progress.ts';
import type { Stderr } from './output/stderr.ts';
import type { SecretValues } from './secrets.ts';
import { resolveCollection, resolvePartition, resolveTarget, transferEnd } from './target.ts';

export interface CallHooks<M extends MethodName> {
  onItems?: (items: Item<M>[]) => Promise<void>;
  onProgress?: (update: ProgressUpdate) => void;
}

/** What a command's run works with: its flags and environment, the daemon, and the three ways to say something. */
export class CommandContext {
  readonly flags: GlobalValues;
  readonly environment: Environment;
  readonly output: Output;
  readonly stderr: Stderr;
  readonly interrupts: Interrupts;
  /** As a person would name the command: `profile add`. */
  readonly op: string;
  #daemon: Promise<Daemon> | undefined;
  #secrets: SecretValues = {};
  #effect: Outcome | undefined;

  constructor(parts: {
    flags: GlobalValues;
    environment: Environment;
    output: Output;
    stderr: Stderr;
    interrupts: Interrupts;
    op: string;
  }) {
    this.flags = parts.flags;
    this.environment = parts.environment;
    this.output = parts.output;
    this.stderr = parts.stderr;
    this.interrupts = parts.interrupts;
    this.op = parts.op;
  }

  /** What the calls so far did to a database: something is known only when one that writes was made. */
  get effect(): Outcome | undefined {
    return this.#effect;
  }

  /** The collection that REF, flags and environment name together. */
  target(ref?: string): TargetParams {
    return resolveTarget(ref, this.flags, this.environment);
  }

  /** The same from NAME or a REF with a slash. */
  collection(name?: string): TargetParams {
    return resolveCollection(name, this.flags, this.environment);
  }

  /** The partition of that name in the collection meant, or of a REF with all three parts. */
  partition(name: string): TargetParams {
    return resolvePartition(name, this.flags, this.environment);
  }

  /** A source or a target of a transfer. */
  end(ref: string, mayBeActive: boolean): TargetParams {
    return transferEnd(ref, mayBeActive, this.flags, this.environment);
  }

  get mayAsk(): boolean {
    return this.flags.input;
  }

  /**
   * Calls the daemon, which is started when needed. When it needs secrets that only the caller can give, they are
   * got from their sources and the call is repeated with them; each is asked for at most once.
   */
  async call<M extends MethodName>(method: M, params: Params<M>, hooks: CallHooks<M> = {}): Promise<Result<M>> {
    const startedAt = monotonic();
    const daemon = await this.daemon();
    const writes = SUMMARIES[method].writes === true && !this.flags.dryRun;
    for (;;) {
      try {
        if (writes) this.#effect = 'unknown';
        const result = await daemon.call(method, params, {
          ...hooks,
          secrets: this.#secrets,
          signal: this.interrupts.signal,
        });
        if (writes) this.#effect = 'applied';
        if (this.flags.verbose) this.note(`${method}: ${(monotonic() - startedAt).toFixed(1)} ms`);
        return result;
      } catch (error) {
        if (!(error instanceof VdbError) || !(await this.#gather(error))) throw error;
      }
    }
  }

  /** A call whose items are printed as they come. When printing fails it ends at once; leaving cancels the call. */
  async stream<M extends MethodName>(method: M, params: Params<M>, sink: RowSink): Promise<Result<M>> {
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    const called = this.call(method, params, {
      onItems: async items => sink.write(items as string[]).catch(fail),
    });
    const result = await Promise.race([called, failed]);
    await sink.end();
    return result;
  }

  /** A call that shows how far it is. */
  async follow<M extends MethodName>(method: M, params: Params<M>, progress: Progress): Promise<Result<M>> {
    try {
      return await this.call(method, params, { onProgress: update => progress.update(update) });
    } finally {
      progress.end();
    }
  }

  progress(mode: string | undefined, label = this.op): Progress {
    return new Progress(this.stderr, this.#progressMode(mode), label);
  }

  /** The daemon, connected once for all calls of this command. */
  daemon(): Promise<Daemon> {
    this.#daemon ??= this.#connect(this.flags.start);
    return this.#daemon;
  }

  /** The daemon if one runs; this never starts one. */
  async runningDaemon(): Promise<Daemon | undefined> {
    try {
      this.#daemon ??= this.#connect(false);
      return await this.#daemon;
    } catch (error) {
      this.#daemon = undefined;
      if (error instanceof VdbError && error.details.reason === 'not_running') return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const opening = this.#daemon;
    this.#daemon = undefined;
    const daemon = await opening?.catch(() => undefined);
    await daemon?.close();
  }

  /** A message for people, on stderr; `--quiet` silences it. */
  note(text: string): void {
    if (!this.flags.quiet) this.stderr.line(text);
  }

  /** Like `note`, and only when a person reads the output: what stdout's data says already. */
  tell(text: string): void {
    if (this.output.forPeople) this.note(text);
  }

  /**
   * Returns when the answer is yes. `question` names connection, endpoint and count; it is made only when it can be
   * asked, because finding the count contacts the database.
   */
  async confirm(question: () => Promise<string>): Promise<void> {
    if (this.flags.yes) return;
    const { ask, canAsk } = await import('./terminal.ts');
    if (!this.mayAsk || !process.stdin.isTTY || !canAsk(this.stderr)) {
      throw new VdbError('usage', `${this.op} asks for a confirmation, and there is no terminal to ask on`, {
        hint: 'Repeat it with --yes, or see what it would do with --dry-run.',
      });
    }
    const answer = await ask(this.stderr, `${await question()}? [y/N] `, false);
    if (/^y(es)?$/i.test(answer.trim())) return;
    throw new VdbError('declined', 'nothing was changed', { outcome: 'not_applied' });
  }

  async #connect(start: boolean): Promise<Daemon> {
    const { connectDaemon } = await import('./daemonClient.ts');
    return connectDaemon({
      context: this.#callContext(),
      start,
      noDaemon: !this.flags.daemon || this.environment.noDaemon,
      signal: this.interrupts.signal,
    });
  }

  #callContext(): Context {
    const { flags, environment } = this;
    const context: Context = {
      session: checkName(flags.session ?? environment.session ?? 'default', 'session'),
      cwd: workingDirectory(),
      umask: process.umask(),
      readOnly: environment.readOnly,
      env: environment.forwarded,
    };
    if (flags.timeout !== undefined) context.timeoutMs = flags.timeout;
    return context;
  }

  async #gather(error: VdbError): Promise<boolean> {
    const missing = error.details.needs?.filter(({ profile, name }) => this.#secrets[profile]?.[name] === undefined);
    if (!missing || missing.length === 0) return false;
    const { resolveSecrets } = await import('./secrets.ts');
    this.#secrets = await resolveSecrets(missing, this.#secrets, this.stderr, this.mayAsk);
    return true;
  }

  #progressMode(mode: string | undefined): ProgressMode {
    if (this.flags.quiet || mode === 'none') return 'none';
    if (mode === 'json') return 'json';
    return this.stderr.isTerminal ? 'bar' : 'lines';
  }
}

/** A caller may stand in a directory that was removed; then only absolute paths mean something. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}
