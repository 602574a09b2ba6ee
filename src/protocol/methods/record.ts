import type { ErrorCode } from '../../model/errors.ts';
import type { IdType, TargetParams, WithPart } from './shared.ts';

export interface RecordMethods {
  /**
   * Writes whole records, each one line of JSON text, at most 4 MiB in all. The first bad line stops unless `maxErrors` allows it.
   * A line that fails makes the error `invalid`, whose `data` says {line, upserted}.
   */
  'record.upsert': { params: UpsertParams; result: WriteResult & { errors: LineError[] } };
  /** Streams records as JSON texts. `missing` lists ids that were not found. */
  'record.get': {
    params: { target: TargetParams; ids: string[]; idType?: IdType; with: WithPart[] };
    item: string;
    result: { found: number; missing: string[] };
  };
  'record.scan': {
    params: { target: TargetParams; where?: string; limit?: number; cursor?: string; with: WithPart[] };
    item: string;
    /** `cursor` continues behind the last record; null at the end. */
    result: { count: number; cursor: string | null };
  };
  'record.count': {
    params: { target: TargetParams; where?: string; exact: boolean };
    result: { connection: string; collection: string; count: number; exact: boolean };
  };
  /** Streams hits: records with `score` and `rawScore`. */
  'record.query': {
    params: QueryParams;
    item: string;
    result: { connection: string; collection: string; count: number; elapsedMs: number };
  };
  'record.delete': {
    params: { target: TargetParams; ids?: string[]; idType?: IdType; where?: string; all?: boolean; dryRun: boolean };
    result: DeleteResult;
  };
  /** Changes metadata keys of the records named, and leaves the rest of them alone. */
  'record.update': { params: UpdateParams; result: UpdateResult };
}

export interface UpsertParams {
  target: TargetParams;
  lines: string[];
  /** Number of the first line in the caller's input, from 1; used in messages. */
  firstLine: number;
  idField?: string;
  vectorField?: string;
  batchSize?: number;
  /** How many bad lines are passed over. */
  maxErrors: number;
  dryRun: boolean;
}

export interface LineError {
  line: number;
  code: ErrorCode;
  reason?: string;
  message: string;
}

export interface WriteResult {
  connection: string;
  collection: string;
  upserted: number;
  rejected: number;
  elapsedMs: number;
}

export interface UpdateParams {
  target: TargetParams;
  /** Exactly one of `ids` and `where`. */
  ids?: string[];
  idType?: IdType;
  where?: string;
  /** Metadata key → JSON text of its value. */
  set: Record<string, string>;
  /** Metadata keys to remove. */
  unset: string[];
  dryRun: boolean;
}

/** With `dryRun` nothing is changed, and `matched` is how many would be. */
export interface UpdateResult {
  connection: string;
  collection: string;
  endpoint: string;
  matched: number | null;
  updated: number;
  rejected: number;
  elapsedMs: number;
  /** The part of the filter that the database cannot evaluate: each record was checked for it by vdb. */
  residual?: string;
}

/** With `dryRun` nothing is deleted: `matched` and `endpoint` are what a confirmation names. */
export interface DeleteResult {
  connection: string;
  collection: string;
  endpoint: string;
  matched: number | null;
  deleted: number;
  rejected: number;
  elapsedMs: number;
  /** As in UpdateResult. */
  residual?: string;
}

export interface QueryParams {
  target: TargetParams;
  /** Dense, sparse or multi; exactly one of `vector` and `id`. */
  vector?: number[] | { indices: number[]; values: number[] } | number[][];
  /** The vector of this record; the record itself is left out of the hits. */
  id?: string;
  idType?: IdType;
  k: number;
  where?: string;
  using?: string;
  with: WithPart[];
  minScore?: number;
}
