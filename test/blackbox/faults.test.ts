import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attempt, FAULTS, type Fault, type Told } from './faults/fault.ts';
import { Stage } from './faults/stage.ts';
import { SUBJECTS, type Subject } from './faults/subjects.ts';
import type { Outcome } from './world.ts';

/** Beyond any `--timeout` given here and the daemon's grace. */
const PATIENCE_MS = 8_000;

describe.each(Object.keys(SUBJECTS))('%s', title => {
  let stage: Stage;
  let subject: Subject;
  const left = new Map<string, Fault[]>();

  beforeAll(async () => {
    stage = new Stage();
    subject = await SUBJECTS[title]!(stage);
  });

  afterAll(async () => {
    console.log(`faults: ${title} = ${subject.what}`);
    for (const [reason, faults] of left)
      console.log(`faults: ${title} without ${faults.map(fault => `'${fault}'`).join(', ')}: ${reason}`);
    await stage.end();
  });

  test.for(Object.keys(FAULTS) as Fault[])('%s', async (fault, context) => {
    const each = subject.cases[fault];
    const attempt = typeof each === 'string' ? each : await each();
    if (typeof attempt === 'string') {
      left.set(attempt, [...(left.get(attempt) ?? []), fault]);
      return context.skip(attempt);
    }
    const name = fault.replaceAll(' ', '-');
    await stage.profile(name, subject.provider, attempt.flags, attempt.secret, attempt.as);
    await attempt.before?.(name);
    const told = FAULTS[fault];
    if (told === 'works') {
      await stage.world.ok(['ping', name], attempt.as);
      return;
    }
    await expectJson(stage, attempt, name, { ...told, ...attempt.told });
    await expectText(stage, attempt, name, { ...told, ...attempt.told });
    if (!attempt.heal) return;
    attempt.heal();
    await stage.world.ok(['ping', name]);
  });

  test('no secret is left in a file', () => {
    expect(stage.leaks()).toEqual([]);
  });
});

async function run(stage: Stage, attempt: Attempt, name: string, more: string[]): Promise<Outcome> {
  const args = attempt.command?.(name) ?? ['ping', name];
  const { input, as } = attempt;
  const began = performance.now();
  const outcome = await stage.world.run([...args, ...more], { ...as, ...(input !== undefined && { input }) });
  expect(performance.now() - began).toBeLessThan(PATIENCE_MS);
  expect(stage.told(outcome.stdout + outcome.stderr), 'a secret is told').toBe(false);
  attempt.after?.();
  return outcome;
}

/** As a script reads it. */
async function expectJson(stage: Stage, attempt: Attempt, name: string, told: Told): Promise<void> {
  const { exit, stderr } = await run(stage, attempt, name, ['--json']);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(1);
  const { error } = JSON.parse(lines[0]!);
  expect(error).toMatchObject({ ...told, hint: expect.stringMatching(/^[A-Z'].*\.$/) });
  expect(error.reason).toBe(told.reason);
  expect(exit).toBe(told.exit);
  for (const key of ['message', 'op', 'requestId', 'attempts', 'elapsedMs']) expect(error).toHaveProperty(key);
  if (told.reason === 'rate_limited') expect(error.retryAfterMs).toBeGreaterThan(0);
}

/** As a person reads it. */
async function expectText(stage: Stage, attempt: Attempt, name: string, told: Told): Promise<void> {
  const { exit, stderr } = await run(stage, attempt, name, []);
  expect(exit).toBe(told.exit);
  const lines = stderr.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(3);
  expect(lines[0]).toMatch(/^vdb: .*[^.]$/);
  expect(lines.at(-1)).toMatch(/^ {2}hint: .*\.$/);
  expect(stderr).not.toMatch(/^\s+at |node:internal|\.js:\d+|\.rs\b/m);
}
