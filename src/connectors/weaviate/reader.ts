import type { Call } from '../../core/connector.ts';
import type { RecordBatch, Want } from '../../model/record.ts';
import { decodeObjects, knowsAll, selection } from './decode.ts';
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

  async objects({ near_vector, ...asked }: Asked, call: Call): Promise<SearchResult[]> {
    const { properties, metadata } = selection(this.#layout, this.#want);
    const { collection } = this.#layout;
    const ranked = near_vector && { near_vector, metadata: { ...metadata, distance: true } };
    const { results } = await this.#link.grpc.search({ collection, properties, metadata, ...asked, ...ranked }, call);
    if (!knowsAll(this.#layout, results)) this.#layout = await this.#layouts.of(collection, call, true);
    return results;
  }

  batch(objects: SearchResult[], partition: string): RecordBatch {
    return decodeObjects(this.#layout, this.#want, objects, partition);
  }
}
