import type { Database } from './connector.ts';

/** How a verb of Database behaves when it fails and is repeated. */
export interface Verb {
  /** Completes "cannot …" in messages. */
  does: string;
  writes: boolean;
  /** Repeating it leaves the database as doing it once does. */
  idempotent: boolean;
  /** Gives an AsyncIterable instead of a Promise. */
  streams?: boolean;
}

export type VerbName = Exclude<keyof Database, 'capabilities' | 'close'>;

const read = (does: string): Verb => ({ does, writes: false, idempotent: true });
const write = (does: string, idempotent: boolean): Verb => ({ does, writes: true, idempotent });

export const VERBS: Record<VerbName, Verb> = {
  ping: read('reach the database'),
  collections: read('list collections'),
  describe: read('describe'),
  create: write('create', false),
  drop: write('drop', false),
  fetch: read('get records of'),
  search: read('query'),
  upsert: write('write to', true),
  remove: write('delete from', true),
  split: read('read the filter for'),
  scan: { ...read('scan'), streams: true },
  release: write('release a pin', true),
  pins: read('list pins'),
  count: read('count'),
  removeWhere: write('delete from', true),
  clear: write('clear', true),
  update: write('update', true),
  native: { ...write('run the statement', false), streams: true },
  ranges: read('divide'),
  load: write('prepare loading into', false),
  unload: write('restore the index settings of', true),
  settle: read('wait for the writes to'),
  indexState: read('read the index state of'),
  partitions: read('list partitions of'),
  createPartition: write('create a partition of', false),
  dropPartition: write('drop a partition of', false),
};

/** Verbs that a Database may lack, whose presence is the announcement. */
export const OPTIONAL_VERBS = (Object.keys(VERBS) as VerbName[]).filter(
  name =>
    !['ping', 'collections', 'describe', 'create', 'drop', 'fetch', 'search', 'upsert', 'remove', 'split'].includes(
      name,
    ),
);

type Function = (...args: never[]) => unknown;

/**
 * A Database whose verbs are those of `database`, each as `around` makes it; absent ones stay absent. `capabilities` and `close`
 * are passed through.
 */
export function mapVerbs(database: Database, around: (name: VerbName, verb: Function) => Function): Database {
  const mapped: Record<string, unknown> = {
    get capabilities() {
      return database.capabilities;
    },
    close: () => database.close(),
  };
  for (const name of Object.keys(VERBS) as VerbName[]) {
    const verb = database[name] as Function | undefined;
    if (verb) mapped[name] = around(name, verb.bind(database));
  }
  return mapped as unknown as Database;
}
