import type { Capabilities } from '../../src/model/capabilities.ts';
import type { CollectionInfo, CollectionSpec } from '../../src/model/collection.ts';
import type { Id } from '../../src/model/id.ts';
import type { WithPart } from '../../src/protocol/methods/shared.ts';

/** What a case asks of a database, whether it is called directly or through the daemon. Failures are VdbErrors. */
export interface Subject {
  /** How it is reached, for the report. */
  readonly via: 'direct' | 'daemon';
  readonly capabilities: Capabilities;
  /** Optional verbs of `Database` that are there. */
  readonly verbs: readonly string[];

  create(spec: CollectionSpec): Promise<CollectionInfo>;
  drop(collection: string): Promise<void>;
  describe(collection: string): Promise<CollectionInfo>;
  collections(): Promise<string[]>;

  /** Lines of JSON (cli.md §5); how many records were written. The first bad line throws. */
  upsert(collection: string, lines: string[], partition?: string): Promise<number>;
  /** Ids of one kind. */
  get(collection: string, ids: Id[], parts?: WithPart[]): Promise<string[]>;
  scan(collection: string, options?: ScanOptions): Promise<{ lines: string[]; cursor: string | null }>;
  count(collection: string, where?: string): Promise<number>;
  query(collection: string, options: QueryOptions): Promise<string[]>;
  /** Ids of one kind. How many there were, null when the database does not say. */
  remove(collection: string, ids: Id[]): Promise<number | null>;
  removeWhere(collection: string, where: string): Promise<number>;
  clear(collection: string): Promise<number>;
}

export interface ScanOptions {
  where?: string;
  limit?: number;
  cursor?: string;
  parts?: WithPart[];
}

export interface QueryOptions {
  vector: number[] | number[][];
  using?: string;
  k?: number;
  where?: string;
  parts?: WithPart[];
}

export const ALL_PARTS: WithPart[] = ['vectors', 'metadata', 'document'];
