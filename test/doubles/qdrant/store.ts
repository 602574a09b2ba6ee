import type { Collection } from './collection.ts';
import { notFound, wrongInput } from './refusal.ts';

/** Everything one server holds. */
export class Store {
  readonly collections = new Map<string, Collection>();
  readonly aliases = new Map<string, string>();
  #stale: Map<string, Collection> | undefined;

  /** By name or alias. */
  find(name: string): Collection {
    const found = this.collections.get(this.aliases.get(name) ?? name);
    if (found === undefined) throw notFound(`Collection \`${name}\` doesn't exist!`);
    return found;
  }

  /** For reads of points: what lags behind while they are stale. */
  read(name: string): Collection {
    const found = this.find(name);
    return this.#stale?.get(this.aliases.get(name) ?? name) ?? found;
  }

  create(name: string, make: () => Collection): void {
    if (this.collections.has(name)) throw wrongInputExists(name);
    this.collections.set(name, make());
  }

  drop(name: string): boolean {
    for (const [alias, of] of this.aliases) if (of === name) this.aliases.delete(alias);
    return this.collections.delete(name);
  }

  /** Reads of points see the state of now until it is turned off. */
  staleReads(on: boolean): void {
    this.#stale = on ? new Map([...this.collections].map(([name, each]) => [name, each.frozen()])) : undefined;
  }
}

function wrongInputExists(name: string) {
  const error = wrongInput(`Collection \`${name}\` already exists!`);
  return Object.assign(error, { status: 409 });
}
