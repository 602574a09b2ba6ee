import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Facts, readFacts } from './facts.ts';
import { GROUPS } from './fidelityRows.ts';
import { POSSIBLE, reaches, SIDECAR_INSTEAD } from './possible.ts';

const NAMES = readdirSync(join(import.meta.dirname, 'facts')).map(file => file.replace(/\.json$/, ''));

test('every provider of the table has facts, and every row is one that is looked at', () => {
  const known = NAMES.map(name => readFacts(name).provider);
  const rows = GROUPS.flatMap(group => group.rows.map(row => `${group.title}: ${row.title}`));
  for (const { provider, group, row } of POSSIBLE) {
    expect(known).toContain(provider);
    expect(rows).toContain(`${group}: ${row}`);
  }
});

const LISTED = NAMES.filter(name => POSSIBLE.some(({ provider }) => provider === readFacts(name).provider));

describe.each(LISTED)('facts of %s', name => {
  const facts = readFacts(name);
  const cells = POSSIBLE.filter(({ provider }) => provider === facts.provider);

  test('reach what the database is able to keep', () => {
    const short = cells.filter(cell => !reaches(facts, cell) && !excused(cell.row, facts));
    expect(short.map(({ group, row, native }) => `${group}, ${row}: ${native ? 'exact' : 'exact or exact*'}`)).toEqual(
      [],
    );
  });

  test('need the sidecar where it is said to be better', () => {
    for (const { rows } of SIDECAR_INSTEAD.filter(({ provider }) => provider === facts.provider)) {
      for (const row of rows) {
        const cell = cells.find(each => each.row === row)!;
        expect(reaches(facts, cell), `${row} is native now`).toBe(false);
        expect(reaches(facts, { ...cell, native: false }), row).toBe(true);
      }
    }
  });
});

/** Only that it is kept in the sidecar is excused. */
function excused(row: string, facts: Facts): boolean {
  return SIDECAR_INSTEAD.some(({ provider, rows }) => provider === facts.provider && rows.includes(row));
}
