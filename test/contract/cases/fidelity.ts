import { expect } from 'vitest';
import { sameVector } from '../../../src/core/transfer/compareVectors.ts';
import type { VectorRules } from '../../../src/core/transfer/vectorRule.ts';
import type { VectorSpec } from '../../../src/model/collection.ts';
import { digestBatch } from '../../../src/model/digest.ts';
import { VdbError } from '../../../src/model/errors.ts';
import { idKey } from '../../../src/model/id.ts';
import { isPresent, type RecordBatch } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import type { DatabaseSuite } from '../contract.ts';
import { newCall } from '../directSubject.ts';
import { type Facts, readFacts, writeFacts, writesFacts } from '../facts.ts';
import { GROUPS, type Row, type RowGroup, uuid } from '../fidelityRows.ts';
import { expectRecords } from '../sameRecords.ts';
import { denseVector } from '../suite.ts';

/**
 * What becomes of each kind of record, held against the committed facts (see facts.ts). A record that comes back, comes back
 * exactly or under the rule that the collection declares; one that is refused leaves nothing of its write behind.
 */
export function fidelityCases(suite: DatabaseSuite, name: string | undefined): void {
  const found: Facts['fidelity'] = {};
  const committed = () => (name === undefined || writesFacts ? undefined : readFacts(name));

  for (const group of GROUPS) {
    suite.case(`what becomes of: ${group.title}`, async () => {
      const outcomes = await outcomesOf(suite, group);
      found[group.title] = outcomes;
      if (group.title === 'Metadata' && suite.opened.stored) expectDeclared(suite, outcomes);
      const facts = committed();
      if (facts) expect(outcomes).toEqual(facts.fidelity[group.title]);
    });
  }

  suite.case('verbs, capabilities and transforms are those of the facts', async () => {
    const { capabilities, verbs } = suite.subject;
    const now = { verbs, capabilities, transforms: await transformsOf(suite) };
    const facts = committed();
    if (facts)
      expect(JSON.parse(JSON.stringify(now))).toEqual({
        verbs: facts.verbs,
        capabilities: facts.capabilities,
        transforms: facts.transforms,
      });
    if (name === undefined || !writesFacts) return;
    expect(Object.keys(found), 'facts are written by a run of all cases').toEqual(GROUPS.map(each => each.title));
    const { serverVersion } = await suite.database.ping(newCall());
    const ranAgainst = suite.opened.double ? `double (${serverVersion})` : serverVersion;
    writeFacts(name, { provider: suite.provider, ranAgainst, ...now, verbs: [...verbs], fidelity: found });
  });
}

async function transformsOf(suite: DatabaseSuite): Promise<Record<string, string>> {
  const transforms: Record<string, string> = {};
  for (const metric of suite.subject.capabilities.metrics) {
    const { vectors } = await suite.subject.describe(
      await suite.collection({ vectors: [denseVector(suite, { metric })] }),
    );
    const { transform = 'none' } = vectors[0]!;
    if (transform !== 'none') transforms[metric] = transform;
  }
  return transforms;
}

/** Plans say `native` or `sidecar` by what is declared. */
function expectDeclared(suite: DatabaseSuite, outcomes: Record<string, string>): void {
  const { fields } = suite.subject.capabilities;
  for (const kind of ['null', 'boolean', 'integer', 'string', 'object'] as const) {
    const row = kind === 'object' ? 'object, nested' : kind;
    expect(outcomes[row], row).toBe(!fields || fields.types.includes(kind) ? 'exact' : 'exact*');
  }
  for (const [row, key] of [
    ['plain key', 'price'],
    ['empty key', ''],
    ['key with a dot', 'a.b'],
    ['key with a backtick', 'a`b'],
    ['key with `$`', '$x'],
  ] as const) {
    if (outcomes[row] === 'exact*') expect(fields?.names, row).toBeDefined();
    if (fields?.names) expect(outcomes[row], row).toBe(new RegExp(fields.names).test(key) ? 'exact' : 'exact*');
  }
}

async function outcomesOf(suite: DatabaseSuite, group: RowGroup): Promise<Record<string, string>> {
  const name = suite.freshName();
  const info = await attempt(suite.create({ name, ...group.spec }));
  if (info instanceof VdbError) {
    expect(await suite.subject.collections()).not.toContain(name);
    return Object.fromEntries(group.rows.map(row => [row.title, refusal(info)]));
  }
  const outcomes: Record<string, string> = {};
  const { vectors } = await suite.subject.describe(info.name);
  for (const row of group.rows) {
    outcomes[row.title] = await outcomeOf(suite, info.name, vectors, group, row).catch(error => {
      throw new Error(`${group.title}, ${row.title}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    });
    await suite.subject.clear(info.name);
  }
  return outcomes;
}

async function outcomeOf(
  suite: DatabaseSuite,
  name: string,
  vectors: VectorSpec[],
  group: RowGroup,
  row: Row,
): Promise<string> {
  const { subject } = suite;
  const written: string[] = [];
  for (const [index, lines] of row.writes.entries()) {
    const write = [group.plain(uuid(1000 + index)), ...lines, group.plain(uuid(2000 + index))];
    const result = await attempt(subject.upsert(name, write));
    if (result instanceof VdbError) {
      compare((await subject.scan(name)).lines, written, vectors);
      return refusal(result);
    }
    written.push(...write);
  }
  compare((await subject.scan(name)).lines, written, vectors);
  for (const line of row.writes.flat()) {
    const [id] = batchOf([line], vectors).ids;
    if (compare(await subject.get(name, [id!]), [line], vectors) === 'by rule') return 'by rule';
  }
  const stored = (await suite.opened.stored?.(name)) ?? '';
  return SIDECAR.test(stored) ? 'exact*' : 'exact';
}

/** A reserved key with something in it, in JSON text or in JSON text within a string. */
const SIDECAR = /_vdb_(?:id|doc|x)\\*":\s*(?!null)/;

/** The refusal as an answer; what else goes wrong is thrown. */
async function attempt<T>(work: Promise<T>): Promise<T | VdbError> {
  return work.catch((error: unknown) => {
    if (!(error instanceof VdbError) || !['invalid', 'unsupported'].includes(error.code)) throw error;
    expect(error.details.outcome, error.message).toBe('not_applied');
    return error;
  });
}

function refusal({ code, details }: VdbError): string {
  return `refused (${code}${details.reason === undefined ? '' : `/${details.reason}`})`;
}

/**
 * Throws unless both are the same records: bit by bit, save vectors for which the collection declares a rule. `by rule` where
 * there are such vectors, also when this one happens to be unchanged.
 */
function compare(actual: string[], expected: string[], vectors: VectorSpec[]): 'exact' | 'by rule' {
  const rules: VectorRules = new Map();
  for (const { name, transform = 'none' } of vectors) {
    if (transform !== 'none') rules.set(name, { transform, by: 'target' });
  }
  if (rules.size === 0 || expected.length === 0) {
    expectRecords(actual, expected, vectors);
    return 'exact';
  }
  const [got, wanted] = [batchOf(actual, vectors), batchOf(expected, vectors)];
  expect(got.ids.map(idKey).sort()).toEqual(wanted.ids.map(idKey).sort());
  const [have, want] = [digestBatch(got).content, digestBatch(wanted).content];
  let ruled = false;
  for (const [row, id] of wanted.ids.entries()) {
    const at = got.ids.findIndex(other => idKey(other) === idKey(id));
    expect(Buffer.from(have.subarray(at * 16, at * 16 + 16)), `content of ${id}`).toEqual(
      Buffer.from(want.subarray(row * 16, row * 16 + 16)),
    );
    for (const { name } of vectors) {
      const column = (batch: RecordBatch) => batch.vectors.find(each => each.name === name);
      const [rule, vector] = [rules.get(name), column(wanted)];
      if (rule && vector && isPresent(vector, row)) ruled = true;
      const same = sameVector(vector, row, column(got), at, rule);
      if (!same) expect.fail(`vector '${name}' of ${id}: got ${actual[at]}, expected ${expected[row]}`);
    }
  }
  return ruled ? 'by rule' : 'exact';
}

function batchOf(lines: string[], vectors: VectorSpec[]): RecordBatch {
  const { batches, faults } = parseRecords(lines, { vectors });
  if (faults[0]) throw faults[0].error;
  return batches[0]!;
}
