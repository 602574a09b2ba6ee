import neo4j, { type BookmarkManager, type Driver, type Record as Row, type Session } from 'neo4j-driver';
import type { Call } from '../../core/connector.ts';

export type Params = Record<string, unknown>;
/** Runs a statement and gives all its rows. */
export type Run = (statement: string, params?: Params) => Promise<Row[]>;

type Mode = 'READ' | 'WRITE';

/** Rows the server sends at once; more only take memory, fewer cost round trips. */
const FETCH_SIZE = 500;

/** One driver, and so one pool of connections, to one database. */
export class Neo4jLink {
  readonly #driver: Driver;
  readonly #database: string | undefined;
  /** Reads wait for the writes made here before, also when a cluster answers them elsewhere. */
  readonly #bookmarks: BookmarkManager = neo4j.bookmarkManager();
  /** From 2025 on a database may speak another Cypher by default. */
  #dialect = '';

  constructor(driver: Driver, database: string | undefined) {
    this.#driver = driver;
    this.#database = database;
  }

  speakCypher5(): void {
    this.#dialect = 'CYPHER 5 ';
  }

  /** A statement in a transaction of its own. */
  run(statement: string, params: Params, call: Call, mode: Mode = 'WRITE'): Promise<Row[]> {
    return this.#inSession(mode, call, async session => {
      const { records } = await session.run(this.#dialect + statement, params, timeout(call));
      return records;
    });
  }

  read(statement: string, params: Params, call: Call): Promise<Row[]> {
    return this.run(statement, params, call, 'READ');
  }

  /** Several statements, all or none. */
  transaction<T>(work: (run: Run) => Promise<T>, call: Call): Promise<T> {
    return this.#inSession('WRITE', call, async session => {
      const transaction = await session.beginTransaction(timeout(call));
      try {
        const result = await work(async (statement, params = {}) => {
          return (await transaction.run(this.#dialect + statement, params)).records;
        });
        await transaction.commit();
        return result;
      } finally {
        // Rolls back what was not committed.
        await transaction.close();
      }
    });
  }

  /** A statement of the user's own, its rows as they come. */
  async *stream(statement: string, params: Params, call: Call): AsyncGenerator<Row> {
    const session = this.#session('WRITE');
    const leave = () => void session.close().catch(() => undefined);
    call.signal.addEventListener('abort', leave, { once: true });
    try {
      yield* session.run(statement, params, timeout(call));
    } finally {
      call.signal.removeEventListener('abort', leave);
      await session.close();
    }
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  async #inSession<T>(mode: Mode, call: Call, work: (session: Session) => Promise<T>): Promise<T> {
    const session = this.#session(mode);
    // Closing resets the connection, which ends what runs on the server at once (5.26: 5 ms).
    const leave = () => void session.close().catch(() => undefined);
    call.signal.addEventListener('abort', leave, { once: true });
    try {
      return await work(session);
    } finally {
      call.signal.removeEventListener('abort', leave);
      await session.close();
    }
  }

  #session(mode: Mode): Session {
    return this.#driver.session({
      defaultAccessMode: mode,
      fetchSize: FETCH_SIZE,
      bookmarkManager: this.#bookmarks,
      ...(this.#database !== undefined && { database: this.#database }),
    });
  }
}

/** The server ends a transaction of which nobody waits for the end. */
function timeout(call: Call): { timeout?: number } {
  return Number.isFinite(call.deadlineMs) ? { timeout: Math.max(1, Math.ceil(call.deadlineMs)) } : {};
}
