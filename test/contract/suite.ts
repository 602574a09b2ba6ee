import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CollectionInfo, CollectionSpec, VectorSpec } from '../../src/model/collection.ts';
import { type ErrorCode, type ErrorReason, VdbError } from '../../src/model/errors.ts';
import type { Metric } from '../../src/model/metric.ts';
import { exceptionFor } from './exceptions.ts';
import type { Subject } from './subject.ts';

/** What a file of cases works with. Only inside a case may `subject` be read: it is opened before the first. */
export interface Suite {
  readonly provider: string;
  readonly subject: Subject;
  /** Names of all cases, in order. */
  readonly caseNames: readonly string[];
  /** One case; a listed exception must really fail. */
  case(name: string, run: () => Promise<void>): void;
  /** A new collection of the case's own, dropped behind it; returns its name. */
  collection(spec?: Partial<CollectionSpec>): Promise<string>;
  create(spec?: Partial<CollectionSpec>): Promise<CollectionInfo>;
  /** A name that no other case has: lower-case letters and digits, which every database takes. */
  freshName(): string;
}

export interface SuiteSource {
  provider: string;
  /** Where the cases ran, for the line at the end. */
  against(): string;
  open(): Promise<void>;
  subject(): Subject;
  close(): Promise<void>;
}

let runs = 0;

/** Registers opening, closing and cleaning with the test file that is being collected. */
export function newSuite(name: string, source: SuiteSource): Suite {
  const prefix = `c${process.pid.toString(36)}${(runs++).toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  const made: string[] = [];
  const caseNames: string[] = [];
  let names = 0;
  let cases = 0;

  beforeAll(() => source.open(), 120_000);
  afterEach(async () => {
    for (const collection of made.splice(0)) {
      await source.subject().drop(collection).catch(ignoreNotFound);
    }
  }, 60_000);
  afterAll(async () => {
    console.log(`contract: ${name} ran against ${source.against()}, ${cases} cases`);
    await source.close();
  }, 60_000);

  const suite: Suite = {
    provider: source.provider,
    get subject() {
      return source.subject();
    },
    caseNames,
    case(caseName, run) {
      caseNames.push(caseName);
      const counted = async () => {
        cases++;
        await run();
      };
      const reason = exceptionFor(source.provider, caseName);
      if (reason === undefined) test(caseName, counted);
      else test.fails(`${caseName} — exception: ${reason}`, counted);
    },
    freshName: () => `${prefix}n${names++}`,
    async create(spec = {}) {
      const info = await source.subject().create({ name: suite.freshName(), vectors: [denseVector(suite)], ...spec });
      made.push(info.name);
      return info;
    },
    collection: async spec => (await suite.create(spec)).name,
  };
  return suite;
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof VdbError && error.code === 'not_found')) throw error;
}

/** A dense float32 vector, by default the unnamed one of dimension 3 under euclidean distance. */
export function denseVector(suite: Suite, spec: Partial<VectorSpec> = {}): VectorSpec {
  const { metrics } = suite.subject.capabilities;
  const metric: Metric = metrics.includes('euclidean') ? 'euclidean' : metrics[0]!;
  return { name: '', kind: 'dense', dimension: 3, metric, element: 'f32', ...spec };
}

/** The error that `work` must fail with. */
export async function refused(work: Promise<unknown>, code: ErrorCode, reason?: ErrorReason): Promise<VdbError> {
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error === undefined) expect.fail(`expected '${code}', but the call succeeded`);
  if (!(error instanceof VdbError)) throw error;
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${code}: .*[^.]$`, 's'));
  if (reason !== undefined) expect(error.details.reason).toBe(reason);
  return error;
}
