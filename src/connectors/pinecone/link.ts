import type { Call } from '../../core/connector.ts';
import type { Secret } from '../../core/secret.ts';
import type { ControlPlane } from './controlPlane.ts';
import { Freshness } from './freshness.ts';
import { type IndexInfo, indexInfo } from './indexInfo.ts';
import { namespaceOf, partitionOf } from './namespaces.ts';
import { DataPlane } from './wire/dataPlane.ts';
import type { Http } from './wire/http.ts';
import { HttpFailure } from './wire/httpFailure.ts';

/** How long an index's host is believed; a request that fails on it makes it be asked for again. */
const INFO_MS = 30_000;
/** How long the list of partitions is believed where it only decides whether a question is clear. */
const PLACES_MS = 5_000;

export interface Settings {
  documentField: string;
  /** Where new indexes go. */
  cloud: string;
  region: string;
}

/** What all verbs work with. */
export class Link {
  readonly control: ControlPlane;
  readonly data: DataPlane;
  readonly freshness = new Freshness();
  readonly settings: Settings;
  readonly #http: Http;
  readonly #infos = new Map<string, { info: IndexInfo; until: number }>();
  /** By address of the index. */
  readonly #places = new Map<string, { places: string[]; until: number }>();

  constructor(http: Http, control: ControlPlane, apiKey: Secret, settings: Settings) {
    this.#http = http;
    this.control = control;
    this.settings = settings;
    this.data = new DataPlane(http, apiKey, (url, partition, lsn) => {
      this.freshness.wrote(url, partition, lsn);
      if (!this.#places.get(url)?.places.includes(partitionOf(partition))) this.#places.delete(url);
    });
  }

  /** Throws `not_found`, `unsupported`. */
  async info(name: string, call: Call, fresh = false): Promise<IndexInfo> {
    const known = this.#infos.get(name);
    if (!fresh && known && known.until > performance.now()) return known.info;
    this.#infos.delete(name);
    const info = indexInfo(await this.control.describe(name, call));
    this.#infos.set(name, { info, until: performance.now() + INFO_MS });
    return info;
  }

  forget(name: string): void {
    this.#infos.delete(name);
  }

  /** Works on an index; when its host does not know it any more, the index may be gone or made anew. */
  async using<T>(name: string, call: Call, work: (info: IndexInfo) => Promise<T>): Promise<T> {
    const info = await this.info(name, call);
    try {
      return await work(info);
    } catch (error) {
      if (!isLost(error)) throw error;
      // Writes to an index that is gone will never show.
      this.freshness.forget(info);
      const now = await this.info(name, call, true);
      if (now.url === info.url) throw error;
      return work(now);
    }
  }

  /** The partitions that a ref means, in bitwise order: one, or all of the index. */
  async places(info: IndexInfo, partition: string, call: Call): Promise<string[]> {
    if (partition !== '') return [partitionOf(partition)];
    const found = await this.data.namespaces(info.url, call);
    return [...new Set(['', ...found.map(({ name }) => partitionOf(name))])].sort((a, b) =>
      a < b ? -1 : a > b ? 1 : 0,
    );
  }

  /** All partitions of an index, as they were a moment ago. */
  async knownPlaces(info: IndexInfo, call: Call): Promise<string[]> {
    const known = this.#places.get(info.url);
    if (known && known.until > performance.now()) return known.places;
    const places = await this.places(info, '', call);
    this.#places.set(info.url, { places, until: performance.now() + PLACES_MS });
    return places;
  }

  close(): void {
    this.#http.close();
  }
}

/** The one partition that records are read from and written to by id: without a name the default one, as everywhere in Pinecone. */
export function placeOf(partition: string): string {
  return namespaceOf(partition) ?? '';
}

function isLost(error: unknown): boolean {
  if (error instanceof HttpFailure) return error.status === 404;
  const { code } = error as { code?: unknown };
  return code === 'ENOTFOUND' || code === 'ECONNREFUSED';
}
