import { VdbError } from '../../model/errors.ts';
import type { Call } from '../connector.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import type { Settings } from '../settings.ts';
import type { Lease, LeaseOptions } from './lease.ts';
import { Link } from './link.ts';
import type { GivenSecrets } from './linkSecrets.ts';
import { loadConnector, type Registry } from './registry.ts';

/** A profile's link with those who use it now. */
export interface Pooled {
  link: Link;
  leases: Set<LeaseOptions>;
  idle: NodeJS.Timeout | undefined;
  /** How many there were when last listed. */
  collections: number | null;
  /** Closes when the last lease ends. */
  retired: boolean;
}

/** One link per profile, opened by the first lease, closed some time after the last unless the profile is held. */
export class LinkPool {
  readonly #settings: Settings;
  readonly #registry: Registry;
  readonly #isHeld: (profile: string) => Promise<boolean>;
  readonly #links = new Map<string, Pooled>();

  constructor(settings: Settings, registry: Registry, isHeld: (profile: string) => Promise<boolean>) {
    this.#settings = settings;
    this.#registry = registry;
    this.#isHeld = isHeld;
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
    const token = { ...options };
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

  /** Closes a profile's link now, or when its last lease ends, unless a connection holds it. */
  async closeUnheld(profile: string): Promise<void> {
    const pooled = this.#links.get(profile);
    if (!pooled || (await this.#isHeld(profile))) return;
    this.#links.delete(profile);
    pooled.retired = true;
    clearTimeout(pooled.idle);
    if (pooled.leases.size === 0) await pooled.link.close();
  }

  async closeAll(): Promise<void> {
    const all = this.all();
    this.#links.clear();
    await Promise.allSettled(
      all.map(({ link, idle }) => {
        clearTimeout(idle);
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
        if (lost) await known.link.drop();
        return known;
      }
      known.retired = true;
      if (known.leases.size === 0) this.#dispose(known);
    }
    const pooled: Pooled = {
      link: new Link(profile, connector, settings),
      leases: new Set(),
      idle: undefined,
      collections: null,
      retired: false,
    };
    this.#links.set(profile.name, pooled);
    return pooled;
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
