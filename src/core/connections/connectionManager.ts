import { randomUUID } from 'node:crypto';
import type { Capabilities } from '../../model/capabilities.ts';
import type { VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { checkName } from '../../model/ref.ts';
import type { Call, CollectionRef, Connector, Database } from '../connector.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import type { ProfileStore } from '../profiles/profileStore.ts';
import type { Settings } from '../settings.ts';
import { OPTIONAL_VERBS } from '../verbs.ts';
import { admit, type HeldConnection, HeldStore } from './heldStore.ts';
import { type ConnectionState, Link } from './link.ts';
import type { GivenSecrets } from './linkSecrets.ts';
import { loadConnector, type Registry } from './registry.ts';

/** A connection as it is now, without regard to any session. */
export interface ConnectionInfo {
  id: string;
  name: string;
  profile: string;
  provider: string;
  endpoint: string;
  state: ConnectionState;
  held: boolean;
  collections: number | null;
  latencyMs: number | null;
  serverVersion: string | null;
  openedAt: string | null;
  error: VdbError | null;
}

/** The use of a connection for one call or job. */
export interface Lease {
  /** Guarded. */
  database: Database;
  connection: string;
  profile: StoredProfile;
  endpoint: string;
  serverVersion: string;
  /** What vectors a collection has, remembered for half a minute. Throws `not_found`. */
  vectors(ref: CollectionRef, call: Call): Promise<VectorSpec[]>;
  /** To be called once the work is done, whatever became of it. */
  release(): void;
}

export interface LeaseOptions {
  /** Time for connecting; without it the setting's. */
  connectMs?: number;
  /** A job that works on a collection: disconnecting, dropping and removing are refused meanwhile. */
  job?: { id: string; collection: string };
}

export interface Tested {
  provider: string;
  endpoint: string;
  latencyMs: number;
  serverVersion: string;
  capabilities: Capabilities & { verbs: string[] };
}

interface Use {
  link: Link;
  leases: Set<LeaseOptions>;
  idle: NodeJS.Timeout | undefined;
  collections: number | null;
  /** Closes when the last lease ends. */
  retired: boolean;
}

/** Connections of all shells. What is *active* is the sessions' matter. */
export class ConnectionManager {
  readonly #held: HeldStore;
  readonly #profiles: ProfileStore;
  readonly #settings: Settings;
  readonly #registry: Registry;
  readonly #uses = new Map<string, Use>();

  constructor(services: { stateDir: string; profiles: ProfileStore; settings: Settings; registry: Registry }) {
    this.#held = new HeldStore(services.stateDir);
    this.#profiles = services.profiles;
    this.#settings = services.settings;
    this.#registry = services.registry;
  }

  /** Databases open now, held or on demand. */
  get openCount(): number {
    return [...this.#uses.values()].filter(({ link }) => link.opened).length;
  }

  async heldCount(): Promise<number> {
    return (await this.#held.list()).length;
  }

  /** Held ones, and those open on demand. Opens nothing. */
  async list(): Promise<ConnectionInfo[]> {
    const held = await this.#held.list();
    const onDemand = [...this.#uses.values()].filter(
      ({ link }) => link.state !== 'disconnected' && !held.some(({ profile }) => profile === link.profile.name),
    );
    return [...held.map(connection => this.#heldInfo(connection)), ...onDemand.map(onDemandInfo)].sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  }

  /** Opens and holds. A connection of that name and profile that is held already is opened if it is not open, and told. */
  async open(
    profileName: string,
    as: string | undefined,
    secrets: GivenSecrets,
    call: Call,
    options: LeaseOptions = {},
  ): Promise<ConnectionInfo> {
    const name = as === undefined ? profileName : checkName(as, 'connection');
    const profile = await this.#profiles.get(profileName);
    if (name !== profileName && (await this.#profiles.find(name))) {
      throw new VdbError('exists', `'${name}' is the name of another profile`, {
        outcome: 'not_applied',
        hint: 'Give the connection a name of its own.',
      });
    }
    const { connectionLimit } = await this.#settings.values();
    admit(await this.#held.list(), name, profileName, connectionLimit);
    const lease = await this.#lease(name, profile, secrets, call, options);
    try {
      const held = await this.#held.add(
        {
          id: randomUUID(),
          name,
          profile: profileName,
          provider: profile.provider,
          endpoint: lease.endpoint,
          openedAt: new Date().toISOString(),
        },
        connectionLimit,
      );
      await this.#profiles.connected(profileName);
      return this.#heldInfo(held);
    } finally {
      lease.release();
    }
  }

  /** Closes a held connection, or one open on demand. Throws `not_found`, or `busy` when a job uses it. */
  async close(name: string): Promise<ConnectionInfo> {
    const found = (await this.list()).find(connection => connection.name === name);
    if (!found) {
      throw new VdbError('not_found', `no connection '${name}' is open`, {
        outcome: 'not_applied',
        hint: "'vdb connections' shows the open ones.",
      });
    }
    this.#refuseJobs(found.profile, `connection '${name}'`);
    if (found.held) await this.#held.remove([name]);
    await this.#closeUnused(found.profile);
    return { ...found, state: 'disconnected' };
  }

  /** Closes whatever is open of a profile that is about to go; the names that were held. Throws `busy` when a job uses it. */
  async closeProfile(profile: string): Promise<string[]> {
    this.#refuseJobs(profile, `profile '${profile}'`);
    const names = (await this.#held.list()).filter(held => held.profile === profile).map(({ name }) => name);
    await this.#held.remove(names);
    await this.#closeUnused(profile);
    return names;
  }

  /** Refuses with `busy` while a job works on the collection. */
  refuseJobsOn(connection: Lease, collection: string): void {
    this.#refuseJobs(connection.profile.name, `collection '${collection}'`, collection);
  }

  /**
   * The use of the connection of that name: a held one, else the saved profile, opened on demand. Throws `not_found`, and what
   * opening throws. To be released.
   */
  async lease(name: string, secrets: GivenSecrets, call: Call, options: LeaseOptions = {}): Promise<Lease> {
    return this.#lease(name, await this.#profileOf(name), secrets, call, options);
  }

  /** The profile behind a held connection or of that name. Throws `not_found`. */
  async #profileOf(name: string): Promise<StoredProfile> {
    const held = (await this.#held.list()).find(connection => connection.name === name);
    if (held) return this.#profiles.get(held.profile);
    const profile = await this.#profiles.find(name);
    if (profile) return profile;
    throw new VdbError('not_found', `there is no connection or profile '${name}'`, {
      outcome: 'not_applied',
      hint: `For a collection of the active connection write './${name}'; 'vdb profile list' shows the saved profiles.`,
    });
  }

  /** The default collection of the connection's profile. Opens nothing; throws `not_found`. */
  async defaultCollection(name: string): Promise<string | null> {
    return (await this.#profileOf(name)).defaultCollection;
  }

  /** Connects to what a profile says, saved or not, and closes again. */
  async test(profile: StoredProfile, secrets: GivenSecrets, call: Call, connectMs?: number): Promise<Tested> {
    const link = new Link(profile, await this.connector(profile.provider), await this.#settings.values());
    try {
      const { database, latencyMs, serverVersion } = await link.open(secrets, call, connectMs);
      return {
        provider: profile.provider,
        endpoint: link.endpoint,
        latencyMs,
        serverVersion,
        capabilities: announced(database),
      };
    } finally {
      await link.close();
    }
  }

  /** Throws `usage` for a provider that is not there. */
  async connector(provider: string): Promise<Connector> {
    return loadConnector(this.#registry, provider);
  }

  /** Connects to a saved profile, or uses the link that is open already, and tells about it. */
  async probe(name: string, secrets: GivenSecrets, call: Call, connectMs?: number): Promise<Tested> {
    const lease = await this.#lease(name, await this.#profiles.get(name), secrets, call, { connectMs });
    try {
      const started = performance.now();
      const { serverVersion } = await lease.database.ping(call);
      return {
        provider: lease.profile.provider,
        endpoint: lease.endpoint,
        latencyMs: Math.round((performance.now() - started) * 1000) / 1000,
        serverVersion,
        capabilities: announced(lease.database),
      };
    } finally {
      lease.release();
    }
  }

  /** Remembers how many collections were last seen. */
  sawCollections(lease: Lease, count: number): void {
    const use = this.#uses.get(lease.profile.name);
    if (use) use.collections = count;
  }

  /** Closes every database; held connections stay held. */
  async closeAll(): Promise<void> {
    const uses = [...this.#uses.values()];
    this.#uses.clear();
    await Promise.allSettled(
      uses.map(({ link, idle }) => {
        clearTimeout(idle);
        return link.close();
      }),
    );
  }

  async #lease(
    name: string,
    profile: StoredProfile,
    secrets: GivenSecrets,
    call: Call,
    options: LeaseOptions,
  ): Promise<Lease> {
    const use = await this.#use(profile);
    const { link, leases } = use;
    const token = { ...options };
    leases.add(token);
    clearTimeout(use.idle);
    const release = (): void => {
      if (leases.delete(token) && leases.size === 0) this.#unused(use);
    };
    try {
      const { database, specs, serverVersion } = await link.open(secrets, call, options.connectMs);
      return {
        database,
        connection: name,
        profile,
        endpoint: link.endpoint,
        serverVersion,
        vectors: async (ref, reading) => specs.known(ref.collection) ?? (await database.describe(ref, reading)).vectors,
        release,
      };
    } catch (error) {
      release();
      throw error instanceof VdbError ? error.with({ connection: name }) : error;
    }
  }

  /** The shared link of a profile. One whose profile was edited, or that lost its database, makes room for a new one. */
  async #use(profile: StoredProfile): Promise<Use> {
    const connector = await this.connector(profile.provider);
    const settings = await this.#settings.values();
    const known = this.#uses.get(profile.name);
    if (known) {
      if (sameDatabase(known.link.profile, profile)) {
        const lost = known.link.opened && known.link.state === 'error' && known.leases.size === 0;
        if (lost) await known.link.drop();
        return known;
      }
      known.retired = true;
      if (known.leases.size === 0) this.#unused(known);
    }
    const use: Use = {
      link: new Link(profile, connector, settings),
      leases: new Set(),
      idle: undefined,
      collections: null,
      retired: false,
    };
    this.#uses.set(profile.name, use);
    return use;
  }

  /** The last lease ended: a retired link closes now, one that nothing holds after a while. */
  #unused(use: Use): void {
    if (use.retired) {
      this.#dispose(use);
      return;
    }
    this.#settings
      .values()
      .then(({ onDemandIdleMs }) => {
        clearTimeout(use.idle);
        use.idle = setTimeout(() => this.#expire(use), onDemandIdleMs);
        use.idle.unref();
      })
      // Settings that became unreadable are told by the next command; the link just stays open.
      .catch(() => undefined);
  }

  #expire(use: Use): void {
    this.#held
      .list()
      .then(held => {
        if (use.leases.size > 0 || held.some(({ profile }) => profile === use.link.profile.name)) return;
        this.#dispose(use);
      })
      .catch(() => undefined);
  }

  #dispose(use: Use): void {
    clearTimeout(use.idle);
    if (this.#uses.get(use.link.profile.name) === use) this.#uses.delete(use.link.profile.name);
    // Nobody is left who could be told that closing failed.
    use.link.close().catch(() => undefined);
  }

  /** Closes a profile's link now, or when its last lease ends, unless a connection still holds it. */
  async #closeUnused(profile: string): Promise<void> {
    const use = this.#uses.get(profile);
    if (!use || (await this.#held.list()).some(held => held.profile === profile)) return;
    this.#uses.delete(profile);
    use.retired = true;
    clearTimeout(use.idle);
    if (use.leases.size === 0) await use.link.close();
  }

  #refuseJobs(profile: string, what: string, collection?: string): void {
    for (const { job } of this.#uses.get(profile)?.leases ?? []) {
      if (!job || (collection !== undefined && job.collection !== collection)) continue;
      throw new VdbError('busy', `${what} is in use by job ${job.id}`, {
        reason: 'locked',
        outcome: 'not_applied',
        data: { job: job.id },
        hint: "Wait for the job, or cancel it; 'vdb job list' shows it.",
      });
    }
  }

  #heldInfo({ id, name, profile, provider, endpoint, openedAt }: HeldConnection): ConnectionInfo {
    const use = this.#uses.get(profile);
    return { id, name, profile, provider, endpoint, held: true, openedAt, ...linkInfo(use) };
  }
}

/** Capabilities with the optional verbs that are there. */
export function announced(database: Database): Capabilities & { verbs: string[] } {
  return { ...database.capabilities, verbs: OPTIONAL_VERBS.filter(verb => database[verb] !== undefined) };
}

function onDemandInfo(use: Use): ConnectionInfo {
  const { id, endpoint, profile, opened } = use.link;
  return {
    id,
    name: profile.name,
    profile: profile.name,
    provider: profile.provider,
    endpoint,
    held: false,
    openedAt: opened?.openedAt ?? null,
    ...linkInfo(use),
  };
}

function linkInfo(
  use: Use | undefined,
): Pick<ConnectionInfo, 'state' | 'collections' | 'latencyMs' | 'serverVersion' | 'error'> {
  const opened = use?.link.opened;
  return {
    state: use?.link.state ?? 'disconnected',
    collections: use?.collections ?? null,
    latencyMs: opened?.latencyMs ?? null,
    serverVersion: opened?.serverVersion ?? null,
    error: use?.link.error ?? null,
  };
}

function sameDatabase(a: StoredProfile, b: StoredProfile): boolean {
  return (
    JSON.stringify([a.id, a.provider, a.options, a.secrets]) ===
    JSON.stringify([b.id, b.provider, b.options, b.secrets])
  );
}
