import { join } from 'node:path';
import { VdbError } from '../../model/errors.ts';
import { type StateDocument, StateFile } from '../files/stateFile.ts';

export interface HeldConnection {
  id: string;
  name: string;
  profile: string;
  provider: string;
  endpoint: string;
  openedAt: string;
}

interface HeldDocument extends StateDocument {
  connections: HeldConnection[];
}

/** Held connections, in `<state>/connections.json`, so that they are there again after a restart of the daemon. */
export class HeldStore {
  readonly #file: StateFile<HeldDocument>;
  #known: readonly HeldConnection[] = [];

  constructor(stateDir: string) {
    this.#file = new StateFile<HeldDocument>(join(stateDir, 'connections.json'), {
      what: 'connections',
      empty: { version: 1, connections: [] },
      check: ({ connections }) => {
        if (!Array.isArray(connections)) throw new Error('"connections" is not a list');
        for (const held of connections) {
          for (const key of ['id', 'name', 'profile', 'provider', 'endpoint', 'openedAt'] as const) {
            if (typeof held?.[key] !== 'string') throw new Error(`a connection has no "${key}"`);
          }
        }
      },
    });
  }

  async list(): Promise<readonly HeldConnection[]> {
    this.#known = (await this.#file.read()).connections;
    return this.#known;
  }

  /** What was read or written last, for those who cannot wait. */
  get known(): readonly HeldConnection[] {
    return this.#known;
  }

  /** The connection of that name already held for the same profile stays. Throws `exists`, or `busy` beyond `limit`. */
  async add(connection: HeldConnection, limit: number): Promise<HeldConnection> {
    return this.#file.update(document => {
      const there = admit(document.connections, connection.name, connection.profile, limit);
      if (!there) document.connections.push(connection);
      this.#known = [...document.connections];
      return there ?? connection;
    });
  }

  async remove(names: readonly string[]): Promise<void> {
    await this.#file.update(document => {
      document.connections = document.connections.filter(({ name }) => !names.includes(name));
      this.#known = [...document.connections];
    });
  }
}

/** The connection that already has the name, for this profile. Throws `exists`, or `busy` when no more may be held. */
export function admit(
  held: readonly HeldConnection[],
  name: string,
  profile: string,
  limit: number,
): HeldConnection | undefined {
  const there = held.find(other => other.name === name);
  if (there && there.profile !== profile) {
    throw new VdbError('exists', `a connection '${name}' of profile '${there.profile}' is open already`, {
      outcome: 'not_applied',
      hint: "Give another name with --as, or close that one with 'vdb disconnect'.",
    });
  }
  if (!there && held.length >= limit) {
    throw new VdbError('busy', `${held.length} connections are held, which is the limit`, {
      reason: 'connection_limit',
      outcome: 'not_applied',
      hint: 'Close one with \'vdb disconnect\', or raise "connectionLimit" in config.json.',
    });
  }
  return there;
}
