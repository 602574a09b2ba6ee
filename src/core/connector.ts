/**
 * The contract between the provider-agnostic core and the code that knows one database.
 *
 * A whole verb that may be missing is an optional method: its presence is the announcement. A variation inside a
 * verb that always exists is a field of `Capabilities`. The guard (core/guard.ts) stands in front of every Database:
 * it refuses undeclared verbs, operators and arguments before any I/O, checks dimensions, finiteness and ids, keeps
 * the last of an id given twice, and converts raw errors once through `classify`. So an implementation may assume
 * clean input, throws its driver's raw errors (or a VdbError where it knows better), and does no logging, no retries,
 * no reading of the environment and no capability checks.
 */

import type { Capabilities } from '../model/capabilities.ts';
import type { CollectionInfo, CollectionSpec, CollectionSummary } from '../model/collection.ts';
import type { ErrorCode, ErrorReason, Outcome } from '../model/errors.ts';
import type { Filter } from '../model/filter/filter.ts';
import type { Id } from '../model/id.ts';
import type { JsonValue } from '../model/jsonValue.ts';
import type { Manifest, OptionValue } from '../model/manifest.ts';
import type { Metric } from '../model/metric.ts';
import type { RecordBatch, Want } from '../model/record.ts';
import type { Secret } from './secret.ts';

export type { JsonValue };

/** Travels with every call. */
export interface Call {
  /** Aborts when the caller left, cancelled, or the deadline passed. */
  signal: AbortSignal;
  /** Milliseconds that remained when the call was made, never a wall clock. Infinity for jobs. */
  deadlineMs: number;
}

export type Options = Record<string, OptionValue>;
export type Secrets = Record<string, Secret>;

export interface Classified {
  code: ErrorCode;
  reason?: ErrorReason;
  /** What the person can do next, one sentence. */
  hint?: string;
  retryAfterMs?: number;
  /** Only when the connector knows: by default a failed read is not_applied, a failed write unknown. */
  outcome?: Outcome;
  /** Replaces the driver's message when that one would mislead. */
  message?: string;
}

export interface Connector {
  manifest: Manifest;
  /** What a person recognises the server by, without secrets: `localhost:5432/app`, `/data/lance`. */
  endpoint(options: Options): string;
  /** Opens and proves the link (one round trip). Throws raw errors. */
  connect(options: Options, secrets: Secrets, call: Call): Promise<Database>;
  /** Any error this connector's code threw, by code and type, never by message text unless the driver has nothing else. */
  classify(error: unknown): Classified;
}

/** A collection, and the part of it that is meant; `partition` is '' when the store has none or all are meant. */
export interface CollectionRef {
  collection: string;
  partition: string;
}

export interface ScanRequest {
  /** Continue behind this cursor, of the same collection, filter and range. */
  after?: Cursor;
  /** Entirely native (see `split`). */
  filter?: Filter;
  /** One of `ranges()`. */
  range?: JsonValue;
  want: Want;
  /** Aim for batches of about this many bytes … */
  batchBytes: number;
  /** … and at most this many records. */
  batchRecords: number;
  /** Stop after that many records. */
  limit?: number;
  /** A name under which the store may pin what is read, until `release`; given by jobs, so that a resume sees the same. */
  pin?: string;
}

/** JSON of at most 1 KiB that stays valid over a restart of vdb; no transaction or portal stays open between pages. */
export type Cursor = JsonValue;

export interface ScanPage {
  batch: RecordBatch;
  /** Continues behind this batch. */
  cursor: Cursor;
}

export interface SearchRequest {
  vector: Float32Array | { indices: Uint32Array; values: Float32Array } | Float32Array[];
  /** The vector searched, '' the unnamed one. */
  using: string;
  /** Given when the collection does not fix it. */
  metric?: Metric;
  k: number;
  /** Entirely native. */
  filter?: Filter;
  want: Want;
}

/** `batch` in rank order; scores by position. */
export interface SearchResult {
  batch: RecordBatch;
  /** Neutral, higher is better: cosine similarity, dot product, or minus the euclidean distance. */
  scores: Float64Array;
  /** As the database said it. */
  rawScores: Float64Array;
}

/** A filter cut in two that are joined by AND: what the engine evaluates, and what only the evaluator can. */
export interface SplitFilter {
  native: Filter | null;
  residual: Filter | null;
}

export interface UpdateRequest {
  /** Metadata keys to set, as JSON text of each value. */
  set: Record<string, string>;
  /** Metadata keys to remove. */
  unset: string[];
}

export interface Database {
  readonly capabilities: Capabilities;

  /** One cheap round trip. */
  ping(call: Call): Promise<{ serverVersion: string }>;

  collections(call: Call): Promise<CollectionSummary[]>;
  /** Counts exactly up to 100,000 records. Throws VdbError `not_found`. */
  describe(ref: CollectionRef, call: Call): Promise<CollectionInfo>;
  /** Throws VdbError `exists`. Returns what the server made of it (its name may differ). */
  create(spec: CollectionSpec, call: Call): Promise<CollectionInfo>;
  /** Throws VdbError `not_found`. */
  drop(ref: CollectionRef, call: Call): Promise<void>;

  /** The records found, in the order asked for; missing ids are left out. */
  fetch(ref: CollectionRef, ids: Id[], want: Want, call: Call): Promise<RecordBatch>;
  search(ref: CollectionRef, request: SearchRequest, call: Call): Promise<SearchResult>;
  /**
   * Replaces whole records; idempotent; acknowledged means durable against kill -9 of vdb.
   * `absent`: the caller guarantees that none of the ids exists (plain COPY, Lance add). Given only on the first attempt of
   * a batch in a job that was never interrupted: every retry, and every batch after a resume, goes without it.
   */
  upsert(ref: CollectionRef, batch: RecordBatch, options: { absent?: boolean }, call: Call): Promise<void>;
  /** How many there were of these; null when the database does not say. */
  remove(ref: CollectionRef, ids: Id[], call: Call): Promise<number | null>;

  /** What of the filter the engine evaluates for this collection. Absent: all of it. */
  split?(ref: CollectionRef, filter: Filter, call: Call): Promise<SplitFilter>;
  /** Every record once, in a stable order (but see `Capabilities.unstableWalk`). Breaking out of the iteration frees everything. */
  scan?(ref: CollectionRef, request: ScanRequest, call: Call): AsyncIterable<ScanPage>;
  /** Frees what `ScanRequest.pin` holds, in all collections; idempotent. */
  release?(pin: string, call: Call): Promise<void>;
  /** All pins held in this database; core releases those that no resumable job owns. */
  pins?(call: Call): Promise<string[]>;
  count?(
    ref: CollectionRef,
    request: { filter?: Filter; exact: boolean },
    call: Call,
  ): Promise<{ count: number; exact: boolean }>;
  /** Deletes what the (entirely native) filter matches; returns how many. */
  removeWhere?(ref: CollectionRef, filter: Filter, call: Call): Promise<number>;
  /** Removes every record, keeps the collection. */
  clear?(ref: CollectionRef, call: Call): Promise<number>;
  update?(ref: CollectionRef, ids: Id[], request: UpdateRequest, call: Call): Promise<number>;
  /** A statement in the database's own language; rows as JSON texts. */
  native?(statement: string, params: Record<string, JsonValue>, call: Call): AsyncIterable<string>;

  /** Splits the collection into at most n disjoint ranges that together hold every record. */
  ranges?(ref: CollectionRef, n: number, call: Call): Promise<JsonValue[]>;
  /** Changes index settings for loading, and returns what `unload` needs to restore them, also after a crash. */
  load?(ref: CollectionRef, call: Call): Promise<JsonValue>;
  unload?(ref: CollectionRef, restore: JsonValue, call: Call): Promise<void>;
  /** Waits until what was written is visible to reads. */
  settle?(ref: CollectionRef, call: Call): Promise<void>;
  indexState?(ref: CollectionRef, call: Call): Promise<{ indexed: number; total: number }>;

  partitions?(collection: string, call: Call): Promise<{ name: string; count: number | null }[]>;
  createPartition?(ref: CollectionRef, call: Call): Promise<void>;
  dropPartition?(ref: CollectionRef, call: Call): Promise<void>;

  close(): Promise<void>;
}
