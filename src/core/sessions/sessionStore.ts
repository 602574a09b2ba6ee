import { join } from 'node:path';
import { VdbError } from '../../model/errors.ts';
import type { ActivePlace } from '../../model/event.ts';
import { checkName } from '../../model/ref.ts';
import type { Events } from '../events/events.ts';
import { type StateDocument, StateFile } from '../files/stateFile.ts';

export interface Place {
  connection: string;
  collection: string | null;
  partition: string | null;
}

interface StoredSession {
  active: string | null;
  /** What is chosen in each connection. */
  collections: Record<string, { collection: string | null; partition: string | null }>;
  previous: Place | null;
  lastUsedAt: string;
}

interface SessionDocument extends StateDocument {
  sessions: Record<string, StoredSession>;
}

/** What is active for one shell. */
export interface SessionState {
  name: string;
  active: Place | null;
  previous: Place | null;
  lastUsedAt: string;
}

const DEFAULT = 'default';
/** Use is remembered this coarsely, so that a query does not write a file. */
const TOUCH_MS = 3_600_000;

/** Sessions, in `<state>/sessions.json`. Those other than `default` expire when unused for as long as `expiryMs` says. */
export class SessionStore {
  readonly #file: StateFile<SessionDocument>;
  readonly #expiryMs: () => Promise<number>;
  readonly #events: Events;

  constructor(stateDir: string, expiryMs: () => Promise<number>, events: Events) {
    this.#expiryMs = expiryMs;
    this.#events = events;
    this.#file = new StateFile<SessionDocument>(join(stateDir, 'sessions.json'), {
      what: 'sessions',
      empty: { version: 1, sessions: {} },
      check: ({ sessions }) => {
        if (typeof sessions !== 'object' || sessions === null) throw new Error('"sessions" is not an object');
        for (const [name, session] of Object.entries(sessions)) {
          if (typeof session?.collections !== 'object' || typeof session.lastUsedAt !== 'string') {
            throw new Error(`session '${name}' is damaged`);
          }
        }
      },
    });
  }

  /** A session that was never used is an empty one. */
  async get(name: string): Promise<SessionState> {
    checkName(name, 'session');
    const stored = live(await this.#file.read(), name, await this.#expiryMs());
    if (stored && Date.now() - Date.parse(stored.lastUsedAt) > TOUCH_MS) {
      await this.#change(name, () => undefined);
    }
    return stateOf(name, stored);
  }

  async list(): Promise<SessionState[]> {
    const document = await this.#file.read();
    const expiryMs = await this.#expiryMs();
    return Object.keys(document.sessions)
      .filter(name => live(document, name, expiryMs))
      .sort()
      .map(name => stateOf(name, document.sessions[name]));
  }

  /** What was chosen in a connection when it was last active in this session. */
  async chosen(name: string, connection: string): Promise<Place> {
    const stored = live(await this.#file.read(), name, await this.#expiryMs());
    return placeIn(stored, connection);
  }

  /** Makes a place active; undefined parts stay what they were in that connection, null ones are cleared. */
  async use(
    name: string,
    place: { connection: string; collection?: string | null; partition?: string | null },
  ): Promise<SessionState> {
    return this.#change(name, session => {
      const before = stateOf(name, session).active;
      const kept = placeIn(session, place.connection);
      const collection = place.collection === undefined ? kept.collection : place.collection;
      const same = collection === kept.collection;
      const partition = place.partition !== undefined ? place.partition : same ? kept.partition : null;
      session.active = place.connection;
      session.collections[place.connection] = { collection, partition };
      const after = stateOf(name, session).active;
      if (before && JSON.stringify(before) !== JSON.stringify(after)) session.previous = before;
    });
  }

  /** Makes the connection active where nothing is. */
  async useFirst(name: string, connection: string): Promise<void> {
    if ((await this.get(name)).active === null) await this.use(name, { connection });
  }

  /** Throws `not_found`. */
  async remove(name: string): Promise<void> {
    const expiryMs = await this.#expiryMs();
    await this.#file.update(document => {
      if (!live(document, name, expiryMs)) {
        throw new VdbError('not_found', `there is no session '${name}'`, { outcome: 'not_applied' });
      }
      delete document.sessions[name];
    });
  }

  /** A connection is gone: it is active nowhere any more. */
  async forget(connection: string): Promise<void> {
    const left: [string, Place][] = [];
    await this.#file.update(({ sessions }) => {
      left.length = 0;
      for (const [name, session] of Object.entries(sessions)) {
        if (session.active === connection) {
          left.push([name, placeIn(session, connection)]);
          session.active = null;
        }
        if (session.previous?.connection === connection) session.previous = null;
        delete session.collections[connection];
      }
    });
    for (const [name, place] of left) this.#tell(name, place, null);
  }

  async #change(name: string, change: (session: StoredSession) => void): Promise<SessionState> {
    const expiryMs = await this.#expiryMs();
    let before: Place | null = null;
    const state = await this.#file.update(document => {
      for (const other of Object.keys(document.sessions)) {
        if (!live(document, other, expiryMs)) delete document.sessions[other];
      }
      const session = document.sessions[name] ?? { active: null, collections: {}, previous: null, lastUsedAt: '' };
      before = stateOf(name, session).active;
      change(session);
      session.lastUsedAt = new Date().toISOString();
      document.sessions[name] = session;
      return stateOf(name, session);
    });
    this.#tell(name, before, state.active);
    return state;
  }

  #tell(session: string, before: Place | null, after: Place | null): void {
    const [from, to] = [before?.connection ?? null, after?.connection ?? null];
    if (from !== to) this.#events.tell('session.activeConnectionChanged', { from, to }, { session, connection: to });
    const old = (from === to ? before : null) ?? NOTHING;
    if (after === null || samePlace(old, after)) return;
    this.#events.tell(
      'session.activeCollectionChanged',
      { from: chosenIn(old), to: chosenIn(after) },
      { session, connection: to },
    );
  }
}

const NOTHING: ActivePlace = { collection: null, partition: null };

function samePlace(a: ActivePlace, b: ActivePlace): boolean {
  return a.collection === b.collection && a.partition === b.partition;
}

function chosenIn({ collection, partition }: ActivePlace): ActivePlace {
  return { collection, partition };
}

function live(document: Readonly<SessionDocument>, name: string, expiryMs: number): StoredSession | undefined {
  const session = Object.hasOwn(document.sessions, name) ? document.sessions[name] : undefined;
  if (!session || name === DEFAULT) return session;
  return Date.now() - Date.parse(session.lastUsedAt) > expiryMs ? undefined : session;
}

function stateOf(name: string, stored: StoredSession | undefined): SessionState {
  const active = stored?.active ? placeIn(stored, stored.active) : null;
  return { name, active, previous: stored?.previous ?? null, lastUsedAt: stored?.lastUsedAt ?? '' };
}

function placeIn(stored: StoredSession | undefined, connection: string): Place {
  const chosen = stored && Object.hasOwn(stored.collections, connection) ? stored.collections[connection] : undefined;
  return { connection, collection: chosen?.collection ?? null, partition: chosen?.partition ?? null };
}
