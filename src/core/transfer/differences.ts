import { type Id, idKey } from '../../model/id.ts';
import { WANT_ALL } from '../../model/record.ts';
import type { Difference } from '../../model/transfer.ts';
import type { Call } from '../connector.ts';
import { compareRecords } from './compareRecords.ts';
import { mapBatch } from './mapping.ts';
import type { Side } from './readMapped.ts';
import type { VectorRules } from './vectorRule.ts';

/** Counts differences, and keeps the first of them by name. */
export class Differences {
  different = 0;
  onlyInSource = 0;
  onlyInTarget = 0;
  readonly #limit: number;
  readonly #named: { id: Id; kind: Difference['kind']; paths: string[] }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.different + this.onlyInSource + this.onlyInTarget;
  }

  add(id: Id, kind: Difference['kind'], paths: string[] = []): void {
    if (kind === 'different') this.different++;
    else if (kind === 'only_in_source') this.onlyInSource++;
    else this.onlyInTarget++;
    if (this.#named.length < this.#limit) this.#named.push({ id, kind, paths });
  }

  /** Adds what another comparison found only in the target. */
  addExtra(other: Differences): void {
    const before = this.onlyInTarget;
    for (const { id, kind, paths } of other.#named) if (kind === 'only_in_target') this.add(id, kind, paths);
    this.onlyInTarget = before + other.onlyInTarget;
  }

  list(): { differences: Difference[]; differencesTruncated: boolean } {
    const differences = this.#named.map(({ id, kind, paths }) => ({ id: String(id), kind, paths }));
    return { differences, differencesTruncated: this.total > differences.length };
  }

  /** Fetches the records that are named as different, and says where they are. */
  async locate(source: Side, target: Side, rules: VectorRules, call: Call): Promise<void> {
    const open = this.#named.filter(({ kind, paths }) => kind === 'different' && paths.length === 0);
    if (open.length === 0) return;
    const ids = open.map(({ id }) => id);
    const [here, there] = await Promise.all([fetchMapped(source, ids, call), fetchMapped(target, ids, call)]);
    const rows = new Map(there.ids.map((id, row) => [idKey(id), row]));
    const found = new Map(here.ids.map((id, row) => [idKey(id), row]));
    for (const entry of open) {
      const [a, b] = [found.get(idKey(entry.id)), rows.get(idKey(entry.id))];
      if (a !== undefined && b !== undefined) entry.paths = compareRecords(here, a, there, b, rules);
    }
  }
}

/** Records by id, mapped as the side maps them; those that are missing, or cannot be mapped, are left out. */
export async function fetchMapped(side: Side, ids: Id[], call: Call): ReturnType<typeof side.end.database.fetch> {
  const batch = await side.end.database.fetch(side.end.ref, ids, WANT_ALL, call);
  return side.mapping ? mapBatch(side.mapping, batch).batch : batch;
}
