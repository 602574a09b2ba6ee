import type { Call, CollectionRef, Database, SplitFilter } from '../../src/core/connector.ts';
import { splitFilter as split } from '../../src/core/splitFilter.ts';
import { OPTIONAL_VERBS } from '../../src/core/verbs.ts';
import { selectRows } from '../../src/model/batch.ts';
import { VdbError } from '../../src/model/errors.ts';
import { matcher } from '../../src/model/filter/evaluate.ts';
import type { Filter } from '../../src/model/filter/filter.ts';
import { parseFilter } from '../../src/model/filter/parse.ts';
import type { RecordBatch, Want } from '../../src/model/record.ts';
import { hitLine, parseRecords, recordLine } from '../../src/model/recordLine.ts';
import type { WithPart } from '../../src/protocol/methods/shared.ts';
import { ALL_PARTS, type Subject } from './subject.ts';

export function newCall(): Call {
  return { signal: new AbortController().signal, deadlineMs: 120_000 };
}

export function refOf(collection: string, partition = ''): CollectionRef {
  return { collection, partition };
}

export function splitFilter(database: Database, ref: CollectionRef, filter: Filter): Promise<SplitFilter> {
  return split(database, ref, filter, newCall());
}

/** As many records as core puts into one batch. */
const BATCH_RECORDS = 1000;

/** A guarded Database under the suite's interface. `current` gives the one in use: a reopened one replaces the first. */
export function directSubject(current: () => Database): Subject {
  const only = async (collection: string, where: string): Promise<Filter> => {
    const filter = parseFilter(where);
    const { residual, native } = await splitFilter(current(), refOf(collection), filter);
    if (residual !== null || native === null) {
      throw new VdbError('unsupported', `The filter '${where}' is not native`, { reason: 'filter' });
    }
    return native;
  };
  return {
    via: 'direct',
    get capabilities() {
      return current().capabilities;
    },
    get verbs() {
      return OPTIONAL_VERBS.filter(verb => current()[verb] !== undefined);
    },
    create: spec => current().create(spec, newCall()),
    drop: collection => current().drop(refOf(collection), newCall()),
    describe: collection => current().describe(refOf(collection), newCall()),
    collections: async () => (await current().collections(newCall())).map(summary => summary.name),

    async upsert(collection, lines, partition = '') {
      const { vectors } = await current().describe(refOf(collection), newCall());
      const { batches, faults, records } = parseRecords(lines, { vectors });
      if (faults[0]) throw faults[0].error;
      const { batchRecords = BATCH_RECORDS } = current().capabilities.limits;
      for (const whole of batches) {
        const ref = refOf(collection, partition || whole.partition);
        for (let start = 0; start < whole.count; start += batchRecords) {
          const rows = Array.from({ length: Math.min(batchRecords, whole.count - start) }, (_, i) => start + i);
          await current().upsert(ref, { ...selectRows(whole, rows), partition: ref.partition }, {}, newCall());
        }
      }
      return records;
    },

    async get(collection, ids, parts) {
      const batch = await current().fetch(refOf(collection), ids, wantOf(parts), newCall());
      return linesOf(batch, wantOf(parts));
    },

    async scan(collection, { where, limit, cursor, parts } = {}) {
      const ref = refOf(collection);
      const want = wantOf(parts);
      const { native, residual } =
        where === undefined ? { native: null, residual: null } : await splitFilter(current(), ref, parseFilter(where));
      const matches = residual === null ? () => true : matcher(residual);
      const lines: string[] = [];
      let last: string | null = null;
      const request = {
        want: residual === null ? want : { ...want, metadata: true },
        batchBytes: 1 << 20,
        batchRecords: 500,
        ...(native && { filter: native }),
        ...(limit !== undefined && { limit }),
        ...(cursor !== undefined && { after: JSON.parse(cursor) }),
      };
      for await (const page of current().scan!(ref, request, newCall())) {
        for (let row = 0; row < page.batch.count; row++) {
          if (matches(page.batch.ids[row]!, page.batch.metadata[row])) lines.push(recordLine(page.batch, row, want));
        }
        last = JSON.stringify(page.cursor);
      }
      return { lines, cursor: limit !== undefined && lines.length >= limit ? last : null };
    },

    async count(collection, where) {
      const ref = refOf(collection);
      if (where === undefined) return (await current().count!(ref, { exact: true }, newCall())).count;
      const { native, residual } = await splitFilter(current(), ref, parseFilter(where));
      if (residual !== null) return (await this.scan(collection, { where, parts: [] })).lines.length;
      return (await current().count!(ref, { exact: true, filter: native! }, newCall())).count;
    },

    async query(collection, { vector, using = '', k = 10, where, parts }) {
      const filter = where === undefined ? undefined : await only(collection, where);
      const want = wantOf(parts ?? ['metadata', 'document']);
      const request = { vector: typed(vector), using, k, want, ...(filter && { filter }) };
      const { batch, scores, rawScores } = await current().search(refOf(collection), request, newCall());
      return batch.ids.map((_, row) => hitLine(batch, row, want, scores[row]!, rawScores[row]!));
    },

    remove: (collection, ids) => current().remove(refOf(collection), ids, newCall()),
    async removeWhere(collection, where) {
      const { native, residual } = await splitFilter(current(), refOf(collection), parseFilter(where));
      if (residual === null) return current().removeWhere!(refOf(collection), native!, newCall());
      const { lines } = await this.scan(collection, { where, parts: [] });
      const ids = parseRecords(lines, {}).batches.flatMap(batch => batch.ids);
      await current().remove(refOf(collection), ids, newCall());
      return lines.length;
    },
    clear: collection => current().clear!(refOf(collection), newCall()),
  };
}

export function wantOf(parts: WithPart[] = ALL_PARTS): Want {
  return {
    vectors: parts.includes('vectors'),
    metadata: parts.includes('metadata'),
    document: parts.includes('document'),
  };
}

export function linesOf(batch: RecordBatch, want: Want): string[] {
  return batch.ids.map((_, row) => recordLine(batch, row, want));
}

function typed(vector: number[] | number[][]): Float32Array | Float32Array[] {
  const isRows = (given: number[] | number[][]): given is number[][] => Array.isArray(given[0]);
  return isRows(vector) ? vector.map(row => Float32Array.from(row)) : Float32Array.from(vector);
}
