import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asVdbError, errorToJson, VdbError } from '../../model/errors.ts';
import type { Job, JobState } from '../../model/job.ts';
import type { MigrationResult } from '../../model/transfer.ts';
import { failpoint } from '../failpoint.ts';
import { fileError } from '../files/fileError.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { DEFAULTS } from '../settings.ts';
import { forgetLock, JobLock } from './jobLock.ts';
import type { JobPlan } from './jobPlan.ts';
import { Journal, readJournal } from './journal.ts';
import { Tally } from './tally.ts';

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Jobs on disk: `<state>/jobs/<id>/` with plan.json, journal.ndjson, dead-letters.ndjson and ids.ndjson. */
export class JobStore {
  readonly #directory: string;
  readonly #pinPrefix: string;
  readonly #planning = new Set<string>();
  readonly #lock = new JobLock();

  constructor(stateDir: string) {
    this.#directory = join(stateDir, 'jobs');
    // Another state directory may have jobs on the same database: its pins are not ours to release.
    this.#pinPrefix = `vdb-${createHash('sha256').update(stateDir).digest('hex').slice(0, 8)}-`;
  }

  /** Jobs that this process runs now. */
  get running(): number {
    return this.#lock.held;
  }

  /** Sorts by time. */
  newId(): string {
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    return `${stamp}-${randomBytes(3).toString('hex')}`;
  }

  pinOf(id: string): string {
    return this.#pinPrefix + id;
  }

  /** The same for a job that is being planned: until `create` or `abandon` its pin is nobody's orphan. */
  reservePin(id: string): string {
    this.#planning.add(id);
    return this.pinOf(id);
  }

  abandon(id: string): void {
    this.#planning.delete(id);
  }

  /** Pins of jobs of this state directory that are gone or done. */
  async orphans(pins: string[]): Promise<string[]> {
    const mine = pins.filter(pin => pin.startsWith(this.#pinPrefix));
    if (mine.length === 0) return [];
    const resumable = (await this.list()).filter(job => job.state !== 'done').map(job => this.pinOf(job.id));
    return mine.filter(pin => {
      const id = pin.slice(this.#pinPrefix.length);
      return !resumable.includes(pin) && !this.#planning.has(id) && !this.#lock.holds(id);
    });
  }

  path(
    id: string,
    file: 'plan.json' | 'journal.ndjson' | 'dead-letters.ndjson' | 'ids.ndjson' | 'load.json' | '' = '',
  ): string {
    if (!ID.test(id)) throw noJob(id);
    return join(this.#directory, id, file);
  }

  /** Puts the plan on disk; with it the job exists. */
  async create(plan: JobPlan): Promise<void> {
    failpoint('job.plan-temp');
    await replaceFile(this.path(plan.id, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    failpoint('job.plan-renamed');
    this.#planning.delete(plan.id);
  }

  /** Throws `not_found`; `config` when it cannot be read. */
  async plan(id: string): Promise<JobPlan> {
    const path = this.path(id, 'plan.json');
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noJob(id);
      throw fileError(error, 'read', path);
    }
    const plan = parsePlan(text, path);
    if (plan.version === 1) return plan;
    throw new VdbError('config', `${path} was written by a newer version of vdb`, { reason: 'newer' });
  }

  openJournal(id: string): ReturnType<typeof Journal.open> {
    return Journal.open(this.path(id, 'journal.ndjson'));
  }

  /**
   * Runs `section` as the job's only owner, and as the only job of its target collection. Throws `busy` (locked) with the
   * owner's pid when another has either.
   */
  async own<T>(id: string, targetKey: string, section: () => Promise<T>): Promise<T> {
    const target = join(
      this.#directory,
      `.target-${createHash('sha256').update(targetKey).digest('hex').slice(0, 24)}`,
    );
    return this.#lock.hold(id, this.path(id), `job ${id}`, () =>
      this.#lock.hold(targetKey, target, 'the target collection', section, id),
    );
  }

  /** The job, for people and scripts. Throws `not_found`. */
  async show(id: string): Promise<Job & { result: MigrationResult | null; directory: string }> {
    const plan = await this.plan(id);
    const { job, result } = await this.#describe(plan);
    return { ...job, result, directory: this.path(id) };
  }

  /** Newest first. */
  async list(state?: JobState): Promise<Job[]> {
    const jobs: Job[] = [];
    for (const id of (await this.#ids()).toSorted().toReversed()) {
      const plan = await this.plan(id).catch(ignoreMissing);
      if (!plan) continue;
      const { job } = await this.#describe(plan);
      if (state === undefined || job.state === state) jobs.push(job);
    }
    return jobs;
  }

  /** Forgets the job. Throws `busy` while it runs, `not_found`. */
  async remove(id: string): Promise<void> {
    await this.plan(id);
    await this.#lock.hold(id, this.path(id), `job ${id}`, async () => {
      await rm(this.path(id, 'plan.json'));
    });
    await rm(this.path(id), { recursive: true, force: true });
    await forgetLock(this.path(id));
  }

  /** Removes jobs that ended, or began and never ended, longer ago than `keepMs`. */
  async sweep(keepMs: number = DEFAULTS.jobRetentionMs): Promise<void> {
    const old = Date.now() - keepMs;
    for (const job of await this.list()) {
      if (job.state !== 'running' && Date.parse(job.endedAt ?? job.startedAt) < old) await this.remove(job.id);
    }
  }

  async #ids(): Promise<string[]> {
    try {
      return (await readdir(this.#directory)).filter(name => ID.test(name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw fileError(error, 'read', this.#directory);
    }
  }

  async #describe(plan: JobPlan): Promise<{ job: Job; result: MigrationResult | null }> {
    const { id, kind, sourceRef: source, targetRef: target, createdAt: startedAt } = plan;
    const base = { id, kind, source, target, total: plan.plan.source.count, startedAt };
    try {
      const tally = new Tally(await readJournal(this.path(id, 'journal.ndjson')));
      const { end } = tally;
      const state = (await this.#lock.isHeld(id, this.path(id))) ? 'running' : (end?.state ?? 'interrupted');
      const ended = state === 'running' ? null : end;
      const job = { ...base, state, done: tally.read, endedAt: ended?.at ?? null, error: ended?.error ?? null };
      return { job, result: ended?.result ?? null };
    } catch (error) {
      const failed = {
        ...base,
        state: 'failed',
        done: 0,
        endedAt: null,
        error: errorToJson(asVdbError(error)),
      } as const;
      return { job: failed, result: null };
    }
  }
}

function parsePlan(text: string, path: string): JobPlan {
  try {
    return JSON.parse(text) as JobPlan;
  } catch (error) {
    throw new VdbError('config', `${path} is damaged`, { reason: 'corrupt', cause: (error as Error).message });
  }
}

function noJob(id: string): VdbError {
  return new VdbError('not_found', `there is no job '${id}'`, { hint: "'vdb job list' shows the jobs." });
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof VdbError && (error.code === 'not_found' || error.code === 'config')) return undefined;
  throw error;
}
