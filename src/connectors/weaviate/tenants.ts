import type { Call, CollectionRef } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Layout } from './layout.ts';
import { Limited } from './limited.ts';
import type { Link } from './link.ts';
import { Failure } from './wire/failure.ts';
import { pathOf } from './wire/rest.ts';

interface Tenant {
  name: string;
  activityStatus?: string;
}

const FRESH_MS = 1_000;
const NAMED = 20;
const AT_ONCE = 8;
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Tenants are the partitions. Only active ones are read and written: others are never activated on the way. */
export class Tenants {
  readonly #link: Link;
  readonly #active = new Map<string, number>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** The one tenant that is meant; '' in a class without tenants. Throws `usage`, with the tenants there are, when none is named. */
  async one(layout: Layout, { partition }: CollectionRef, call: Call): Promise<string> {
    if (!layout.partitioned) return this.#none(layout, partition);
    if (partition === '') {
      const names = (await this.list(layout, call)).map(({ name }) => name);
      const some = names.slice(0, NAMED).join(', ');
      throw new VdbError('usage', `'${layout.collection}' has partitions, and none is named`, {
        outcome: 'not_applied',
        hint: names.length === 0 ? 'Create one first.' : `It has: ${some}${names.length > NAMED ? ', …' : ''}.`,
      });
    }
    await this.#checkActive(layout, partition, call);
    return partition;
  }

  /** The same for a write, which makes a tenant that is missing, where vdb made the class or the class says that it may. */
  async written(layout: Layout, ref: CollectionRef, call: Call): Promise<string> {
    const { multiTenancyConfig } = layout.config;
    const makes = layout.own || multiTenancyConfig?.autoTenantCreation === true;
    try {
      return await this.one(layout, ref, call);
    } catch (error) {
      if (!makes || !(error instanceof VdbError) || error.code !== 'not_found') throw error;
    }
    checkName(ref.partition);
    // Naming one that another program made in the meantime changes nothing.
    await this.#link.rest.text('POST', pathOf('schema', layout.collection, 'tenants'), [{ name: ref.partition }], call);
    return ref.partition;
  }

  /** Those that are meant: all when none is named, sorted. Throws `unsupported` when one of them is not active. */
  async all(layout: Layout, { partition }: CollectionRef, call: Call): Promise<string[]> {
    if (!layout.partitioned || partition !== '') return [await this.one(layout, { collection: '', partition }, call)];
    const tenants = await this.list(layout, call);
    const idle = tenants.filter(tenant => !isActive(tenant));
    if (idle.length > 0) throw inactive(layout, idle[0]!.name, idle.length);
    return tenants.map(({ name }) => name);
  }

  /** Sorted by name. */
  async list(layout: Layout, call: Call): Promise<Tenant[]> {
    const path = pathOf('schema', layout.collection, 'tenants');
    const tenants = await this.#link.rest.json<Tenant[]>('GET', path, undefined, call);
    return tenants.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Those that are not active have no count, as asking would activate them. */
  async counted(layout: Layout, call: Call): Promise<{ name: string; count: number | null }[]> {
    const limited = new Limited(AT_ONCE);
    const { collection } = layout;
    const tenants = await this.list(layout, call);
    const counted = tenants.map(async tenant => {
      const { name } = tenant;
      if (!isActive(tenant)) return { name, count: null };
      return { name, count: await limited.run(() => this.#link.grpc.count({ collection, tenant: name }, call)) };
    });
    return Promise.all(counted);
  }

  async create(layout: Layout, name: string, call: Call): Promise<void> {
    this.#need(layout);
    checkName(name);
    if ((await this.#find(layout, name, call)) !== undefined)
      throw new VdbError('exists', `'${layout.collection}' has a partition '${name}' already`, {
        outcome: 'not_applied',
      });
    await this.#link.rest.text('POST', pathOf('schema', layout.collection, 'tenants'), [{ name }], call);
  }

  async drop(layout: Layout, name: string, call: Call): Promise<void> {
    this.#need(layout);
    this.#active.clear();
    if ((await this.#find(layout, name, call)) === undefined) throw missing(layout, name);
    await this.#link.rest.text('DELETE', pathOf('schema', layout.collection, 'tenants'), [name], call);
  }

  forget(): void {
    this.#active.clear();
  }

  async #checkActive(layout: Layout, name: string, call: Call): Promise<void> {
    const key = `${layout.collection}/${name}`;
    if ((this.#active.get(key) ?? 0) > performance.now()) return;
    const tenant = await this.#find(layout, name, call);
    if (tenant === undefined) throw missing(layout, name);
    if (!isActive(tenant)) throw inactive(layout, name, 1);
    this.#active.set(key, performance.now() + FRESH_MS);
  }

  async #find(layout: Layout, name: string, call: Call): Promise<Tenant | undefined> {
    try {
      const path = pathOf('schema', layout.collection, 'tenants', name);
      return await this.#link.rest.json<Tenant>('GET', path, undefined, call);
    } catch (error) {
      if (error instanceof Failure && (error.status === 404 || error.status === 422)) return undefined;
      throw error;
    }
  }

  #need(layout: Layout): void {
    if (!layout.partitioned) throw noPartitions(layout);
  }

  #none(layout: Layout, partition: string): string {
    if (partition !== '') throw noPartitions(layout);
    return '';
  }
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new VdbError('invalid', `'${name}' cannot be the name of a Weaviate tenant`, {
    outcome: 'not_applied',
    hint: 'Use up to 64 letters, digits, underscores and hyphens.',
  });
}

/** HOT and COLD are the older names. */
function isActive({ activityStatus }: Tenant): boolean {
  return activityStatus === undefined || activityStatus === 'ACTIVE' || activityStatus === 'HOT';
}

function noPartitions(layout: Layout): VdbError {
  return new VdbError('unsupported', `'${layout.collection}' has no partitions: its multi-tenancy is off`, {
    outcome: 'not_applied',
  });
}

function missing(layout: Layout, name: string): VdbError {
  return new VdbError('not_found', `'${layout.collection}' has no partition '${name}'`, { outcome: 'not_applied' });
}

function inactive(layout: Layout, name: string, count: number): VdbError {
  const what = count === 1 ? `the partition '${name}'` : `${count} partitions, '${name}' among them,`;
  return new VdbError('unsupported', `${what} of '${layout.collection}' ${count === 1 ? 'is' : 'are'} not active`, {
    outcome: 'not_applied',
    hint: 'Activate the tenant in Weaviate first; vdb never does that by itself.',
  });
}
