import { VdbError } from '../../model/errors.ts';
import type { Call } from '../connector.ts';
import type { Events } from '../events/events.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import type { Settings } from '../settings.ts';
import { toldError } from './connectionInfo.ts';
import type { HeldStore } from './heldStore.ts';
import { Keeper } from './keeper.ts';
import type { Lease, LeaseOptions } from './lease.ts';
import { Link, type LinkListener } from './link.ts';
import type { GivenSecrets } from './linkSecrets.ts';
import { loadConnector, type Registry } from './registry.ts';

/** A use of a link, under a connection's name. */
export interface Leased extends LeaseOptions {
  connection: string;
}

/** A profile's link with those who use it now. */
export interface Pooled {
  link: Link;
  leases: Set<Leased>;
  idle: NodeJS.Timeout | undefined;
  /** Connections that were last known to use it. */
  names: readonly string[];
  /** Closes when the last lease ends. */
  retired: boolean;
}

/** One link per profile, opened by the first lease, closed some time after the last unless the profile is held. */
export class LinkPool {
  readonly #settings: Settings;
  readonly #registry: Registry;
  readonly #held: HeldStore;
  readonly #events: Events;
  readonly #keeper: Keeper;
  readonly #links = new Map<string, Pooled>();

  constructor(settings: Settings, registry: Registry, held: HeldStore, events: Events) {
    this.#settings = settings;
    this.#registry = registry;
    this.#held = held;
    this.#events = events;
    this.#keeper = new Keeper(
      settings,
      profile => this.#isHeld(profile),
      ({ profile }) => (this.of(profile.name)?.leases.size ?? 0) > 0,
    );
  }

  all(): Pooled[] {
    return [...this.#links.values()];
  }

  of(profile: string): Pooled | undefined {
    return this.#links.get(profile);
  }

  /** A use of the profile's database under the connection's name; opens it when it is not open. */
  async lease(
    connection: string,
    profile: StoredProfile,
    secrets: GivenSecrets,
    call: Call,
    options: LeaseOptions,
  ): Promise<Lease> {
    const pooled = await this.#pooled(profile);
    const { link, leases } = pooled;
    const token: Leased = { ...options, connection };
    leases.add(token);
    clearTimeout(pooled.idle);
    const release = (): void => {
      if (leases.delete(token) && leases.size === 0) this.#unused(pooled);
    };
    try {
      const { database, specs, serverVersion } = await link.open(secrets, call, options.connectMs);
      return {
        database,
        connection,
        profile,
        endpoint: link.endpoint,
        serverVersion,
        vectors: async (ref, reading) => specs.known(ref.collection) ?? (await database.describe(ref, reading)).vectors,
        release,
      };
    } catch (error) {
      release();
      throw error instanceof VdbError ? error.with({ connection }) : error;
    }
  }

  /** A connection holds the profile from now on. */
  hold(profile: string): void {
    const link = this.of(profile)?.link;
    if (link) this.#keeper.changed(link, link.state);
  }

  /** Closes a profile's link now, or when its last lease ends, unless a connection holds it. `names` were its last ones. */
  async closeUnheld(profile: string, names: readonly string[]): Promise<void> {
    const pooled = this.#links.get(profile);
    if (!pooled || (await this.#isHeld(profile))) return;
    this.#links.delete(profile);
    pooled.retired = true;
    pooled.names = names;
    clearTimeout(pooled.idle);
    this.#keeper.forget(pooled.link);
    if (pooled.leases.size === 0) await pooled.link.close();
  }

  async closeAll(): Promise<void> {
    const all = this.all();
    this.#links.clear();
    await Promise.allSettled(
      all.map(({ link, idle }) => {
        clearTimeout(idle);
        this.#keeper.forget(link);
        return link.close();
      }),
    );
  }

  /** A link whose profile was edited makes room for a new one; one that lost its database opens it anew. */
  async #pooled(profile: StoredProfile): Promise<Pooled> {
    const connector = await loadConnector(this.#registry, profile.provider);
    const settings = await this.#settings.values();
    const known = this.#links.get(profile.name);
    if (known) {
      if (sameDatabase(known.link.profile, profile)) {
        const lost = known.link.opened && known.link.state === 'error' && known.leases.size === 0;
        if (lost) await known.link.abandon();
        return known;
      }
      known.retired = true;
      // What becomes of the old database is no concern of those who have the new one.
      known.names = [];
      this.#keeper.forget(known.link);
      if (known.leases.size === 0) this.#dispose(known);
    }
    const listener: LinkListener = {
      state: (from, state) => {
        if (!pooled.retired) this.#keeper.changed(pooled.link, state);
        const error = toldError(pooled.link.error);
        this.#tell(pooled, connection =>
          this.#events.tell('connection.stateChanged', { from, state, error }, { connection }),
        );
      },
      collections: change =>
        this.#tell(pooled, connection => this.#events.tell('collections.updated', change, { connection })),
    };
    const link = new Link(profile, connector, settings, listener);
    const pooled: Pooled = { link, leases: new Set(), idle: undefined, names: [profile.name], retired: false };
    this.#links.set(profile.name, pooled);
    return pooled;
  }

  /** Once for each connection that uses the link; when none does any more, for those that last did. */
  #tell(pooled: Pooled, tell: (connection: string) => void): void {
    const { link, leases, retired } = pooled;
    if (!retired) {
      const held = this.#held.known.filter(({ profile }) => profile === link.profile.name).map(({ name }) => name);
      const names = new Set([...held, ...[...leases].map(({ connection }) => connection)]);
      if (names.size > 0) pooled.names = [...names];
    }
    for (const name of pooled.names) tell(name);
  }

  async #isHeld(profile: string): Promise<boolean> {
    return (await this.#held.list()).some(held => held.profile === profile);
  }

  /** The last lease ended: a retired link closes now, one that nothing holds after a while. */
  #unused(pooled: Pooled): void {
    if (pooled.retired) {
      this.#dispose(pooled);
      return;
    }
    this.#settings
      .values()
      .then(({ onDemandIdleMs }) => {
        clearTimeout(pooled.idle);
        pooled.idle = setTimeout(() => this.#expire(pooled), onDemandIdleMs);
        pooled.idle.unref();
      })
      // Settings that became unreadable are told by the next command; the link just stays open.
      .catch(() => undefined);
  }

  #expire(pooled: Pooled): void {
    this.#isHeld(pooled.link.profile.name)
      .then(held => {
        if (!held && pooled.leases.size === 0) this.#dispose(pooled);
      })
      // As above.
      .catch(() => undefined);
  }

  #dispose(pooled: Pooled): void {
    clearTimeout(pooled.idle);
    const { link } = pooled;
    this.#keeper.forget(link);
    if (this.#links.get(link.profile.name) === pooled) this.#links.delete(link.profile.name);
    // Nobody is left who could be told that closing failed.
    link.close().catch(() => undefined);
  }
}

function sameDatabase(a: StoredProfile, b: StoredProfile): boolean {
  const facts = ({ id, provider, options, secrets }: StoredProfile): string =>
    JSON.stringify([id, provider, options, secrets]);
  return facts(a) === facts(b);
}
