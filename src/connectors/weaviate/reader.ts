import type { Call } from '../../core/connector.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { decodeObjects, holdsBlobs, knowsAll, selection } from './decode.ts';
import type { Layout } from './layout.ts';
import type { Layouts } from './layouts.ts';
import type { Link } from './link.ts';
import type { Filters, NearVector, SearchResult } from './wire/messages.ts';

export interface Asked {
  tenant: string;
  limit: number;
  after?: string;
  filters?: Filters;
  near_vector?: NearVector;
}

/** The answer would be over what the server sends (grpcMaxMessageSize, 104,858,000 bytes by default): ask for fewer objects. */
export function isTooLarge(error: unknown): boolean {
  const { code, details } = error as { code?: unknown; details?: unknown };
  return code === 8 && /larger than max/i.test(String(details));
}

/** Reads objects of one class, as far as `want` goes. */
export class Reader {
  readonly #link: Link;
  readonly #layouts: Layouts;
  readonly #want: Want;
  #layout: Layout;

  constructor(link: Link, layouts: Layouts, layout: Layout, want: Want) {
    this.#link = link;
    this.#layouts = layouts;
    this.#layout = layout;
    this.#want = want;
  }

  async objects(asked: Asked, call: Call): Promise<SearchResult[]> {
    for (;;) {
      const results = await this.#ask(asked, call);
      const layout = await this.#learned(results, call);
      if (layout === null) return results;
      this.#layout = layout;
      // What was not asked for by name is not there.
      if (!holdsBlobs(layout)) return results;
    }
  }

  async #ask({ near_vector, ...asked }: Asked, call: Call): Promise<SearchResult[]> {
    const { properties, metadata } = selection(this.#layout, this.#want);
    const { collection } = this.#layout;
    const ranked = near_vector && { near_vector, metadata: { ...metadata, distance: true } };
    const { results } = await this.#link.grpc.search({ collection, properties, metadata, ...asked, ...ranked }, call);
    return results;
  }

  /** The layout when properties have been added since that the answer may hold; null when there are none. */
  async #learned(results: SearchResult[], call: Call): Promise<Layout | null> {
    const known = this.#layout;
    if (!this.#want.metadata || results.length === 0) return null;
    // An answer by names shows nothing that is new.
    if (!holdsBlobs(known) && knowsAll(known, results)) return null;
    const layout = await this.#layouts.of(known.collection, call, true);
    return [...layout.properties.keys()].every(name => known.properties.has(name)) ? null : layout;
  }

  batch(objects: SearchResult[], partition: string): RecordBatch {
    return decodeObjects(this.#layout, this.#want, objects, partition);
  }
}
