import type { Call } from '../../core/connector.ts';

/** Travels as text, as the server spells it; arrays are for `unnest($1::text[])` and `any($1::text[])`. */
export type SqlValue = string | null | (string | null)[];

export interface SqlColumn {
  name: string;
  /** OID of the column's type. */
  type: number;
}

export interface SqlResult {
  columns: SqlColumn[];
  /** Every value in the server's text form, whatever its type. */
  rows: (string | null)[][];
  /** Rows returned or changed, as the command tag says; 0 for commands without a number. */
  count: number;
}

export interface SqlStep {
  sql: string;
  values?: SqlValue[];
  /** What follows `COPY … FROM STDIN (FORMAT binary)`. Taken over: unusable by the caller afterwards. */
  copyIn?: Uint8Array<ArrayBuffer>;
  /** A count other than this rolls the transaction back with `UnexpectedCount`. */
  expectCount?: number;
}

/** A step of a transaction changed another number of rows than it had to; nothing was applied. */
export class UnexpectedCount extends Error {
  readonly count: number;
  constructor(count: number) {
    super(`a statement changed ${count} rows instead of those expected`);
    this.count = count;
  }
}

/**
 * One way to a PostgreSQL server, be it real or embedded. Errors carry `code` (SQLSTATE, or that of the socket), `message`
 * and `detail`. An aborted call rejects with the signal's reason.
 */
export interface SqlLink {
  /** The engine runs one statement at a time. */
  readonly exclusive: boolean;
  query(sql: string, values: SqlValue[], call: Call): Promise<SqlResult>;
  /** All steps in one transaction: all of them, or none. */
  transaction(steps: SqlStep[], call: Call): Promise<SqlResult[]>;
  /** Runs `COPY … TO STDOUT (FORMAT binary)` and returns all it wrote; `settings` are `SET LOCAL` for it. */
  copyOut(sql: string, settings: string[], call: Call): Promise<Uint8Array>;
  close(): Promise<void>;
}
