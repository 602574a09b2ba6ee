/**
 * The suite that every connector passes, directly on its guarded Database (`contractSuite`) and again through the daemon
 * (`daemonContractSuite`). A test file calls it once:
 *
 *     contractSuite('lancedb', { provider: 'lancedb', open: async () => ({ database, reopen, close }) });
 *
 * Cases look at capabilities, never at the provider; where a need is not met they check that it is refused.
 */

import { describe } from 'vitest';
import type { Database } from '../../src/core/connector.ts';
import { capabilityCases } from './cases/capabilities.ts';
import { collectionCases } from './cases/collections.ts';
import { fetchRemoveCases } from './cases/fetchRemove.ts';
import { fidelityCases } from './cases/fidelity.ts';
import { filterOracleCases } from './cases/filterOracle.ts';
import { filterCases } from './cases/filters.ts';
import { idCases } from './cases/ids.ts';
import { metadataCases } from './cases/metadata.ts';
import { pageCases } from './cases/pages.ts';
import { refusalCases } from './cases/refusals.ts';
import { roundTripCases } from './cases/roundTrip.ts';
import { scanCases } from './cases/scan.ts';
import { searchCases } from './cases/search.ts';
import { upsertCases } from './cases/upsert.ts';
import { writeCases } from './cases/writes.ts';
import { type CallMethod, daemonSubject } from './daemonSubject.ts';
import { directSubject, newCall } from './directSubject.ts';
import type { Subject } from './subject.ts';
import { newSuite, type Suite } from './suite.ts';

export interface Opened {
  /** Guarded. */
  database: Database;
  /** Closes the link in use, and opens a new one (guarded) on the same data. */
  reopen?(): Promise<Database>;
  /** JSON text of all that the collection holds of metadata and the sidecar, as the database itself has it. */
  stored?(collection: string): Promise<string>;
  /** A double answers instead of the real database. */
  double?: boolean;
  /** Closes the link in use, also one that `reopen` made, and removes what the run left behind. */
  close(): Promise<void>;
}

export interface Harness {
  /** The manifest's name: what floor and exceptions are looked up by. */
  provider: string;
  /** The file in `facts/` that what is found out must agree with; absent: a database that docs/capabilities.md does not show. */
  facts?: string;
  /** Once per test file. */
  open(): Promise<Opened>;
}

export interface DaemonHarness {
  provider: string;
  /** A running daemon with a saved profile; `connection` names it. */
  open(): Promise<{ call: CallMethod; connection: string; close(): Promise<void> }>;
}

/** What cases besides the common ones need: verbs that no method of the protocol reaches one to one. */
export interface DatabaseSuite extends Suite {
  readonly database: Database;
  readonly opened: Opened;
  /** False when the harness cannot reopen. */
  reopen(): Promise<boolean>;
}

export function contractSuite(name: string, harness: Harness): void {
  describe(`contract of ${name}`, () => {
    let opened: Opened;
    let database: Database;
    let version = '';
    const suite = newSuite(name, {
      provider: harness.provider,
      against: () => version,
      async open() {
        opened = await harness.open();
        database = opened.database;
        version = (await database.ping(newCall())).serverVersion;
      },
      subject: (
        subject => () =>
          subject
      )(directSubject(() => database)),
      close: async () => opened?.close(),
    });
    const databaseSuite: DatabaseSuite = Object.defineProperties(suite as DatabaseSuite, {
      database: { get: () => database },
      opened: { get: () => opened },
      reopen: {
        value: async () => {
          if (!opened.reopen) return false;
          database = await opened.reopen();
          return true;
        },
      },
    });
    commonCases(suite);
    databaseCases(databaseSuite);
    describe('fidelity', () => fidelityCases(databaseSuite, harness.facts));
  });
}

export function daemonContractSuite(name: string, harness: DaemonHarness): void {
  describe(`contract of ${name} through the daemon`, () => {
    let subject: Subject;
    let close: (() => Promise<void>) | undefined;
    let version = '';
    const suite = newSuite(`${name} through the daemon`, {
      provider: harness.provider,
      against: () => version,
      async open() {
        const opened = await harness.open();
        close = opened.close;
        subject = await daemonSubject(opened.call, opened.connection);
        const [ping] = await opened.call('connection.ping', { names: [opened.connection] });
        version = ping!.serverVersion;
      },
      subject: () => subject,
      close: async () => close?.(),
    });
    commonCases(suite);
  });
}

function commonCases(suite: Suite): void {
  describe('capabilities', () => capabilityCases(suite));
  describe('collections', () => collectionCases(suite));
  describe('round trip', () => roundTripCases(suite));
  describe('metadata', () => metadataCases(suite));
  describe('ids', () => idCases(suite));
  describe('upsert', () => upsertCases(suite));
  describe('fetch and remove', () => fetchRemoveCases(suite));
  describe('search', () => searchCases(suite));
  describe('filters', () => filterCases(suite));
  describe('scan and count', () => scanCases(suite));
}

/** Cases of verbs, arguments and promises that only a caller inside the daemon meets. */
function databaseCases(suite: DatabaseSuite): void {
  describe('pages', () => pageCases(suite));
  describe('writes', () => writeCases(suite));
  describe('filter oracle', () => filterOracleCases(suite));
  describe('refusals', () => refusalCases(suite));
}
