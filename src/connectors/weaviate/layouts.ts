import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Filter } from '../../model/filter/filter.ts';
import type { ClassJson, PropertyJson } from './classJson.ts';
import { collectionForm } from './collectionName.ts';
import { KeyedLock } from './keyedLock.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { Link } from './link.ts';
import { Failure } from './wire/failure.ts';
import { pathOf } from './wire/rest.ts';

/** How long a class's schema is believed; what fails on it makes it be read again. */
const FRESH_MS = 1_000;

/** The layouts of a server's classes. */
export class Layouts {
  readonly #link: Link;
  /** By real name. */
  readonly #known = new Map<string, { layout: Layout; until: number }>();
  /** Real names by the names given. */
  readonly #names = new Map<string, string>();
  readonly #locks = new KeyedLock();

  constructor(link: Link) {
    this.#link = link;
  }

  /** Looks the name up exactly, then with its first letter raised. Throws `not_found`. */
  async of(collection: string, call: Call, fresh = false): Promise<Layout> {
    const known = this.#known.get(this.#names.get(collection) ?? collection);
    if (!fresh && known && known.until > performance.now()) return known.layout;
    const layout = layoutOf(await this.#read(collection, call));
    this.#names.set(collection, layout.collection);
    this.#known.set(layout.collection, { layout, until: performance.now() + FRESH_MS });
    return layout;
  }

  /** For a filter, which means nothing on keys that are not known: other programs may have added them. */
  async knowing(layout: Layout, filter: Filter | undefined, call: Call): Promise<Layout> {
    const keys = filter ? keysOf(filter) : [];
    return keys.every(key => layout.fields.has(key)) ? layout : this.of(layout.collection, call, true);
  }

  forget(): void {
    this.#known.clear();
    this.#names.clear();
  }

  /** One after the other for a class: changes of its schema, and updates that read before they write. */
  locked<T>(layout: Layout, section: () => Promise<T>): Promise<T> {
    return this.#locks.run(layout.collection, section);
  }

  /**
   * The class's layout with all properties that `missing` asks for. Written explicitly before any record that needs them, so
   * the server's auto-schema, which guesses types, has nothing to add.
   */
  async extended(layout: Layout, missing: (layout: Layout) => PropertyJson[], call: Call): Promise<Layout> {
    if (missing(layout).length === 0) return layout;
    return this.#locks.run(`${layout.collection} properties`, async () => {
      let current = await this.of(layout.collection, call, true);
      for (let turn = 0; turn < 3; turn++) {
        const added = missing(current);
        if (added.length === 0) return current;
        for (const property of added) await this.#add(current.collection, property, call);
        current = await this.of(layout.collection, call, true);
      }
      throw new VdbError('busy', `the properties of '${layout.collection}' are being changed by another program`, {
        outcome: 'not_applied',
      });
    });
  }

  async #add(collection: string, property: PropertyJson, call: Call): Promise<void> {
    try {
      await this.#link.rest.text('POST', pathOf('schema', collection, 'properties'), property, call);
    } catch (error) {
      // Another program added it first; whether it fits is seen when the class is read again.
      if (!(error instanceof Failure) || error.status !== 422 || !/already (in use|exists)/i.test(error.message))
        throw error;
    }
  }

  async #read(collection: string, call: Call): Promise<ClassJson> {
    for (const name of new Set([collection, collectionForm(collection)])) {
      try {
        return await this.#link.rest.json<ClassJson>('GET', pathOf('schema', name), undefined, call);
      } catch (error) {
        if (!(error instanceof Failure) || error.status !== 404) throw error;
      }
    }
    throw new VdbError('not_found', `there is no collection '${collection}'`, { outcome: 'not_applied' });
  }
}

function keysOf(filter: Filter): string[] {
  switch (filter.op) {
    case 'and':
    case 'or':
      return filter.args.flatMap(keysOf);
    case 'not':
      return keysOf(filter.arg);
    case 'ids':
      return [];
    default:
      return [filter.field[0]!];
  }
}
