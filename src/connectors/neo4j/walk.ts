import type { Record as Row } from 'neo4j-driver';
import type { Call, ScanRequest } from '../../core/connector.ts';
import { comparePlaces, type Place, placeOf } from './cursor.ts';
import { filterCypher } from './filterCypher.ts';
import { keyless, keyProperty } from './ids.ts';
import type { Layout } from './layout.ts';
import type { Neo4jLink, Params } from './link.ts';
import { quote } from './quote.ts';
import type { RecordReader } from './recordReader.ts';

/** Records of the first page, whose size is not known yet. */
export const FIRST = 256;
/** Node ids fetched ahead where no index orders the nodes. */
const NODES = 20_000;

const LEAST_INTEGER = -(2n ** 63n);
/** Node ids begin at 0. */
const BEFORE_NODES = -1n;

export interface Page {
  rows: Row[];
  /** The place behind each row. */
  places: Place[];
  /** Where the next page begins; null behind the last one. */
  next: Place | null;
}

/** Reads pages in the order of places. */
export class Walk {
  readonly #link: Neo4jLink;
  readonly #layout: Layout;
  readonly #reader: RecordReader;
  readonly #call: Call;
  readonly #params: Params = {};
  readonly #filter: string;
  /** Nodes without an id of their own that are still to come, in order. */
  #nodes: bigint[] = [];
  #allNodes = false;

  constructor(link: Neo4jLink, layout: Layout, reader: RecordReader, { filter }: ScanRequest, call: Call) {
    this.#link = link;
    this.#layout = layout;
    this.#reader = reader;
    this.#call = call;
    this.#filter = filter === undefined ? 'true' : filterCypher(layout, filter, this.#params);
  }

  /** Everything in one statement, in the order of the pages, where it is no more than a first page; else null. */
  async few(): Promise<Omit<Page, 'next'> | null> {
    const key = this.#layout.key?.constrained ? keyProperty(this.#layout.key) : 'null';
    const rows = await this.#link.read(
      `MATCH (n:${quote(this.#layout.label)}) WHERE ${this.#filter} WITH n LIMIT ${FIRST + 1}
      RETURN ${this.#reader.returns}, ${key}, id(n)`,
      this.#params,
      this.#call,
    );
    if (rows.length > FIRST) return null;
    const found = rows.map(row => ({ row, place: placeOf(row.get(2), row.get(3)) }));
    found.sort((a, b) => comparePlaces(a.place, b.place));
    return { rows: found.map(each => each.row), places: found.map(each => each.place) };
  }

  /** Where a scan begins. */
  start(): Place {
    return this.#layout.key?.constrained ? { group: 'integer', after: null } : { group: 'node', after: BEFORE_NODES };
  }

  async page(place: Place, limit: number): Promise<Page> {
    switch (place.group) {
      case 'integer': {
        const range = place.after === null ? '>= $after' : '> $after';
        const after = place.after ?? LEAST_INTEGER;
        const { rows, keys } = await this.#byKey(`${range} AND KEY IS :: INTEGER NOT NULL`, after, limit);
        const places = keys.map((key): Place => ({ group: 'integer', after: key as bigint }));
        return { rows, places, next: rows.length < limit ? { group: 'text', after: '' } : places.at(-1)! };
      }
      case 'text': {
        const { rows, keys } = await this.#byKey('> $after AND KEY IS :: STRING NOT NULL', place.after, limit);
        // No id is empty, but another program's node may have one.
        const places = keys.map((key): Place => ({ group: 'text', after: key as string }));
        return { rows, places, next: rows.length < limit ? { group: 'node', after: BEFORE_NODES } : places.at(-1)! };
      }
      case 'node':
        return this.#byNode(place.after, limit);
    }
  }

  /** The hint makes the index give the order: its order of text is by code point, Cypher's own by UTF-16 (5.26). */
  async #byKey(condition: string, after: bigint | string, limit: number) {
    const key = keyProperty(this.#layout.key!);
    const label = quote(this.#layout.label);
    const rows = await this.#link.read(
      `MATCH (n:${label}) USING INDEX n:${label}(${quote(this.#layout.key!.property)})
      WHERE ${key} ${condition.replaceAll('KEY', key)} AND ${this.#filter}
      WITH n, ${key} AS key ORDER BY key LIMIT $limit RETURN ${this.#reader.returns}, key`,
      { ...this.#params, after, limit: BigInt(limit) },
      this.#call,
    );
    return { rows, keys: rows.map(row => row.get(2) as bigint | string) };
  }

  /** No index orders these: their node ids are fetched ahead, many at once, as each time the label is walked from its start. */
  async #byNode(after: bigint, limit: number): Promise<Page> {
    const label = quote(this.#layout.label);
    if (this.#nodes.length === 0 && !this.#allNodes) {
      const { key } = this.#layout;
      const orphan = key?.constrained ? `${keyless(key)} AND ` : '';
      const found = await this.#link.read(
        `MATCH (n:${label}) WHERE id(n) > $after AND ${orphan}${this.#filter} WITH n ORDER BY n LIMIT ${NODES} RETURN id(n)`,
        { ...this.#params, after },
        this.#call,
      );
      this.#nodes = found.map(row => row.get(0) as bigint);
      this.#allNodes = found.length < NODES;
    }
    const nodes = this.#nodes.splice(0, limit);
    if (nodes.length === 0) return { rows: [], places: [], next: null };
    const rows = await this.#link.read(
      `MATCH (n:${label}) WHERE id(n) IN $nodes AND ${this.#filter} WITH n ORDER BY id(n) RETURN ${this.#reader.returns}, id(n)`,
      { ...this.#params, nodes },
      this.#call,
    );
    const places = rows.map((row): Place => ({ group: 'node', after: row.get(2) }));
    const done = this.#allNodes && this.#nodes.length === 0;
    return { rows, places, next: done ? null : { group: 'node', after: nodes.at(-1)! } };
  }
}
