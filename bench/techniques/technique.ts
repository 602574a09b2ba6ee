import { hash } from 'node:crypto';
import type { Place } from '../places.ts';

/** The records that both sides write and read, in columns. */
export interface Cities {
  count: number;
  ids: string[];
  /** Row-major, DIMENSION each. */
  vectors: Float32Array;
  /** JSON text of each object, or the object where a script would have parsed it. */
  metadata: (string | object)[];
  documents: string[];
}

export const DIMENSION = 384;

/** The fastest sound way known for one database, as a script for this one purpose would do it, in a collection of its own. */
export interface Technique {
  /** Returns when all is acknowledged, at most `inFlight` batches at once. Written again, the same records would replace what is there. */
  write(batches: Cities[], inFlight: number): Promise<void>;
  /** Everything, in any order, in pages of about `batch` records where the database has pages. */
  read(batch: number): Promise<Cities[]>;
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** Makes the collection. */
export type OpenTechnique = (place: Place, collection: string) => Promise<Technique>;

export function noCities(count: number): Cities {
  return {
    count,
    ids: new Array(count),
    vectors: new Float32Array(count * DIMENSION),
    metadata: new Array(count),
    documents: new Array(count),
  };
}

export async function inFlight<T>(items: T[], most: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: most }, lane));
}

/** For databases whose ids are UUIDs. */
export function uuidOf(id: string): string {
  const hex = hash('md5', id);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
