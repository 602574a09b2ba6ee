import type { VectorSpec } from '../model/collection.ts';
import type { Call, CollectionRef, Database } from './connector.ts';

const FRESH_MS = 30_000;

/** What vectors a collection has, remembered briefly: a describe may count, and a batch comes every few milliseconds. */
export class VectorSpecs {
  readonly #describe: Database['describe'];
  readonly #known = new Map<string, { at: number; vectors: VectorSpec[] }>();

  constructor(describe: Database['describe']) {
    this.#describe = describe;
  }

  /** `fresh` asks the database whatever is remembered. Throws VdbError `not_found`. */
  async of(ref: CollectionRef, call: Call, fresh = false): Promise<VectorSpec[]> {
    const known = fresh ? undefined : this.known(ref.collection);
    if (known) return known;
    const { vectors } = await this.#describe({ collection: ref.collection, partition: '' }, call);
    this.remember(ref.collection, vectors);
    return vectors;
  }

  known(collection: string): VectorSpec[] | undefined {
    const known = this.#known.get(collection);
    return known && performance.now() - known.at < FRESH_MS ? known.vectors : undefined;
  }

  remember(collection: string, vectors: VectorSpec[]): void {
    this.#known.set(collection, { at: performance.now(), vectors });
  }

  forget(collection: string): void {
    this.#known.delete(collection);
  }
}
