import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Capabilities } from '../../src/model/capabilities.ts';

/**
 * What a run of the suite found out about one database, committed as `facts/<name>.json`. Every run compares what it finds
 * with it; with VDB_TEST_WRITE_FACTS=1 it is written instead. docs/capabilities.md and docs/fidelity.md are made of these.
 */
export interface Facts {
  provider: string;
  /** The server's version, or that of a double. Not compared: it varies. */
  ranAgainst: string;
  /** Optional ones that are there. */
  verbs: string[];
  capabilities: Capabilities;
  /** Per metric, what the store does to float32 vectors; absent: nothing. */
  transforms: Record<string, string>;
  /** Group → row (fidelityRows.ts) → `exact`, `exact*` (part of it in the sidecar), `by rule`, or `refused (…)`. */
  fidelity: Record<string, Record<string, string>>;
}

const DIRECTORY = join(import.meta.dirname, 'facts');

export const writesFacts = process.env.VDB_TEST_WRITE_FACTS === '1';

/** Throws when there are none: they are made with VDB_TEST_WRITE_FACTS=1. */
export function readFacts(name: string): Facts {
  return JSON.parse(readFileSync(join(DIRECTORY, `${name}.json`), 'utf8')) as Facts;
}

export function writeFacts(name: string, facts: Facts): void {
  writeFileSync(join(DIRECTORY, `${name}.json`), `${JSON.stringify(facts, null, 2)}\n`);
}
