import { randomUUID } from 'node:crypto';
import type { Capabilities } from '../../model/capabilities.ts';
import { VdbError } from '../../model/errors.ts';
import { checkName } from '../../model/ref.ts';
import type { Call, Connector, Database } from '../connector.ts';
import type { Events } from '../events/events.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import type { ProfileStore } from '../profiles/profileStore.ts';
import type { Settings } from '../settings.ts';
import { OPTIONAL_VERBS } from '../verbs.ts';
import { type ConnectionInfo, heldInfo, onDemandInfo } from './connectionInfo.ts';
import { admit, HeldStore } from './heldStore.ts';
import type { Lease, LeaseOptions } from './lease.ts';
import { Link } from './link.ts';
import { LinkPool } from './linkPool.ts';
import type { GivenSecrets } from './linkSecrets.ts';
import { loadConnector, type Registry } from './registry.ts';

/** What a connection turned out to be. */
export interface Tested {
  provider: string;
  endpoint: string;
  latencyMs: number;
  serverVersion: string;
  capabilities: Capabilities & { verbs: string[] };
}

/** Connections of all shells. What is *active* is the sessions' matter. */
export class ConnectionManager {
  readonly #held: HeldStore;
  readonly #profiles: ProfileStore;
  readonly #settings: Settings;
  readonly #registry: Registry;
  readonly #pool: LinkPool;

  readonly #events: Events;

  constructor(services: {
    stateDir: string;
    profiles: ProfileStore;
    settings: Settings;
    registry: Registry;
    events: Events;
  }) {
    this.#events = services.events;
    this.#held = new HeldStore(services.stateDir);
    this.#profiles = services.profiles;
    this.#settings = services.settings;
    this.#registry = services.registry;
    this.#pool = new LinkPool(services.settings, services.registry, this.#held, services.events);
  }

  /** Databases open now, held or on demand. */
  get openCount(): number {
    return this.#pool.all().filter(({ link }) => link.opened).length;
  }

  /** Held ones, and those open on demand. Opens nothing. */
  async list(): Promise<ConnectionInfo[]> {
    const held = await this.#held.list();
    const onDemand = this.#pool
      .all()
      .filter(
        ({ link }) => link.state !== 'disconnected' && !held.some(({ profile }) => profile === link.profile.name),
      );
    return [
      ...held.map(connection => heldInfo(connection, this.#pool.of(connection.profile))),
      ...onDemand.map(onDemandInfo),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
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
    const lease = await this.#pool.lease(name, profile, secrets, call, options);
    try {
      const { provider } = profile;
      const { endpoint } = lease;
      const openedAt = new Date().toISOString();
      const wanted = { id: randomUUID(), name, profile: profileName, provider, endpoint, openedAt };
      const held = await this.#held.add(wanted, connectionLimit);
      this.#pool.hold(profileName);
      if (held.id === wanted.id) {
        this.#events.tell('connection.opened', { profile: profileName, provider, endpoint }, { connection: name });
      }
      await this.#profiles.connected(profileName);
      return heldInfo(held, this.#pool.of(profileName));
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
    await this.#pool.closeUnheld(found.profile, [name]);
    if (found.held) this.#events.tell('connection.closed', { profile: found.profile }, { connection: name });
    return { ...found, state: 'disconnected' };
  }

  /** Closes whatever is open of a profile that is about to go; the names that were held. Throws `busy` when a job uses it. */
  async closeProfile(profile: string): Promise<string[]> {
    this.#refuseJobs(profile, `profile '${profile}'`);
    const names = (await this.#held.list()).filter(held => held.profile === profile).map(({ name }) => name);
    await this.#held.remove(names);
    await this.#pool.closeUnheld(profile, names.length > 0 ? names : [profile]);
    for (const connection of names) this.#events.tell('connection.closed', { profile }, { connection });
    return names;
  }

  /** Refuses with `busy` while a job works on the collection. */
  refuseJobsOn({ profile }: Lease, collection: string): void {
    this.#refuseJobs(profile.name, `collection '${collection}'`, collection);
  }

  /**
   * The use of the connection of that name: a held one, else the saved profile, opened on demand. Throws `not_found`, and what
   * opening throws. To be released.
   */
  async lease(name: string, secrets: GivenSecrets, call: Call, options: LeaseOptions = {}): Promise<Lease> {
    return this.#pool.lease(name, await this.#profileOf(name), secrets, call, options);
  }

  /** The default collection of the connection's profile. Opens nothing; throws `not_found`. */
  async defaultCollection(name: string): Promise<string | null> {
    return (await this.#profileOf(name)).defaultCollection;
  }

  /** Connects to what a profile says that is not saved yet, and closes again. */
  async test(profile: StoredProfile, secrets: GivenSecrets, call: Call, connectMs?: number): Promise<Tested> {
    const link = new Link(profile, await this.connector(profile.provider), await this.#settings.values());
    try {
      const { database, latencyMs, serverVersion } = await link.open(secrets, call, connectMs);
      const { provider } = profile;
      return { provider, endpoint: link.endpoint, latencyMs, serverVersion, capabilities: announced(database) };
    } finally {
      await link.close();
    }
  }

  /** Connects to a saved profile, or uses the link that is open already, and tells about it. */
  async probe(name: string, secrets: GivenSecrets, call: Call, connectMs?: number): Promise<Tested> {
    const profile = await this.#profiles.get(name);
    const lease = await this.#pool.lease(name, profile, secrets, call, { connectMs });
    try {
      const { database, endpoint } = lease;
      const started = performance.now();
      const { serverVersion } = await database.ping(call);
      const latencyMs = Math.round((performance.now() - started) * 1000) / 1000;
      const { provider } = profile;
      return { provider, endpoint, latencyMs, serverVersion, capabilities: announced(database) };
    } finally {
      lease.release();
    }
  }

  /** Throws `usage` for a provider that is not there. */
  async connector(provider: string): Promise<Connector> {
    return loadConnector(this.#registry, provider);
  }

  /** Closes every database; held connections stay held. */
  async closeAll(): Promise<void> {
    await this.#pool.closeAll();
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

  /** Throws `busy` while a job writes to the collection: it may rely on ids not being there. */
  refuseWritesOn({ profile }: Lease, collection: string): void {
    this.#refuseJobs(profile.name, `collection '${collection}'`, collection, true);
  }

  #refuseJobs(profile: string, what: string, collection?: string, writing = false): void {
    for (const { job } of this.#pool.of(profile)?.leases ?? []) {
      if (!job || (collection !== undefined && job.collection !== collection) || (writing && !job.writes)) continue;
      throw new VdbError('busy', `${what} is in use by job ${job.id}`, {
        reason: 'locked',
        outcome: 'not_applied',
        data: { job: job.id },
        hint: "Wait for the job, or cancel it; 'vdb job list' shows it.",
      });
    }
  }
}

/** Capabilities with the optional verbs that are there. */
function announced(database: Database): Capabilities & { verbs: string[] } {
  return { ...database.capabilities, verbs: OPTIONAL_VERBS.filter(verb => database[verb] !== undefined) };
}
