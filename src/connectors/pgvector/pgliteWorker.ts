/** PGlite in a thread of its own: it computes where it stands, an index build for tens of seconds. */

import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, type Results, type Transaction } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { SqlResult, SqlStep, SqlValue } from './sqlLink.ts';

export type PgliteRequest =
  | { id: number; op: 'query'; sql: string; values: SqlValue[] }
  | { id: number; op: 'transaction'; steps: SqlStep[] }
  | { id: number; op: 'copyOut'; sql: string; settings: string[] }
  | { id: number; op: 'close' };

/** What is left of an error behind a thread: an Error that is posted loses its `code`. */
export interface PgliteFailure {
  message: string;
  code?: string;
  detail?: string;
  unexpectedCount?: number;
}

export type PgliteReply =
  | { id: number; result: SqlResult | SqlResult[] | Uint8Array | null }
  | { id: number; failure: PgliteFailure };

class WrongCount extends Error {
  readonly count: number;
  constructor(count: number) {
    super('wrong count');
    this.count = count;
  }
}

const port = parentPort!;
const asText = (value: string) => value;
let raw: Record<string, (value: string) => string> = {};

async function open(): Promise<PGlite> {
  const directory = workerData.directory as string;
  if (!existsSync(join(directory, 'PG_VERSION'))) await make(directory);
  const db = await PGlite.create({ dataDir: directory, extensions: { vector } });
  await db.exec('create extension if not exists vector');
  await db.refreshArrayTypes();
  raw = Object.fromEntries(Object.keys((db as unknown as { parsers: object }).parsers).map(oid => [oid, asText]));
  return db;
}

/** A new database beside its place, then moved there: one that was made halfway would never open again. */
async function make(directory: string): Promise<void> {
  const draft = join(dirname(directory), `.${basename(directory)}.new`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const db = await PGlite.create({ dataDir: draft, extensions: { vector } });
  await db.close();
  // PGlite leaves its files open to all.
  chmodSync(draft, 0o700);
  renameSync(draft, directory);
}

async function run(target: PGlite | Transaction, step: SqlStep): Promise<SqlResult> {
  const blob = step.copyIn === undefined ? {} : { blob: new Blob([step.copyIn]) };
  const sql = step.copyIn === undefined ? step.sql : step.sql.replace(/ from stdin /i, " from '/dev/blob' ");
  const results: Results<unknown[]> = await target.query(sql, step.values ?? [], {
    rowMode: 'array',
    parsers: raw,
    serializers: {},
    ...blob,
  });
  const count = results.rowCount ?? results.affectedRows ?? 0;
  if (step.expectCount !== undefined && step.expectCount !== count) throw new WrongCount(count);
  return {
    columns: results.fields.map(field => ({ name: field.name, type: field.dataTypeID })),
    rows: results.rows as (string | null)[][],
    count,
  };
}

async function copyOut(db: PGlite, sql: string, settings: string[]): Promise<Uint8Array> {
  const statement = sql.replace(/ to stdout /i, " to '/dev/blob' ");
  const results =
    settings.length === 0
      ? await db.query(statement)
      : await db.transaction(async tx => {
          for (const setting of settings) await tx.query(`set local ${setting}`);
          return tx.query(statement);
        });
  return new Uint8Array(await results.blob!.arrayBuffer());
}

async function answer(db: PGlite, request: PgliteRequest): Promise<SqlResult | SqlResult[] | Uint8Array | null> {
  switch (request.op) {
    case 'query':
      return run(db, request);
    case 'transaction':
      return db.transaction(async tx => {
        const results: SqlResult[] = [];
        for (const step of request.steps) results.push(await run(tx, step));
        return results;
      });
    case 'copyOut':
      return copyOut(db, request.sql, request.settings);
    case 'close':
      await db.close();
      return null;
  }
}

function failure(error: unknown): PgliteFailure {
  if (error instanceof WrongCount) return { message: error.message, unexpectedCount: error.count };
  const { message, code, detail } = error as { message?: unknown; code?: unknown; detail?: unknown };
  return {
    message: typeof message === 'string' ? message : String(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
  };
}

const ready = open();

// The first reply, with id 0, says whether the database is open.
ready.then(
  () => port.postMessage({ id: 0, result: null } satisfies PgliteReply),
  error => port.postMessage({ id: 0, failure: failure(error) } satisfies PgliteReply),
);

let last: Promise<unknown> = ready.catch(() => undefined);

port.on('message', (request: PgliteRequest) => {
  last = last.then(async () => {
    try {
      const result = await answer(await ready, request);
      const transfer = result instanceof Uint8Array ? [result.buffer as ArrayBuffer] : [];
      port.postMessage({ id: request.id, result } satisfies PgliteReply, transfer);
    } catch (error) {
      port.postMessage({ id: request.id, failure: failure(error) } satisfies PgliteReply);
    }
    if (request.op === 'close') port.close();
  });
});
