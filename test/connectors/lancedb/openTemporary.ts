import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, connect } from '@lancedb/lancedb';
import { onTestFinished } from 'vitest';
import { connector } from '../../../src/connectors/lancedb/connector.ts';
import type { Database, ScanRequest } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import type { VectorSpec } from '../../../src/model/collection.ts';
import type { Id } from '../../../src/model/id.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords, recordLine } from '../../../src/model/recordLine.ts';
import { newCall, refOf } from '../../contract/directSubject.ts';

export const VECTOR: VectorSpec = { name: '', kind: 'dense', dimension: 2, metric: 'cosine', element: 'f32' };

export interface Temporary {
  path: string;
  database: Database;
  /** The same directory as any other program sees it. */
  lance: Connection;
  put(table: string, lines: string[], options?: { absent?: boolean }): Promise<void>;
  get(table: string, ids: Id[]): Promise<string[]>;
  all(table: string, request?: Partial<ScanRequest>): Promise<string[]>;
}

/** A directory of its own, gone when the test ends. */
export async function openTemporary(): Promise<Temporary> {
  const path = await mkdtemp(join(tmpdir(), 'vdb-lance-'));
  const database = guard(await connector.connect({ path }, {}, newCall()), connector);
  const lance = await connect(path, { readConsistencyInterval: 0 });
  onTestFinished(async () => {
    await database.close();
    lance.close();
    await rm(path, { recursive: true });
  });
  return {
    path,
    database,
    lance,
    async put(table, lines, options = {}) {
      const { vectors } = await database.describe(refOf(table), newCall());
      const { batches, faults } = parseRecords(lines, { vectors });
      if (faults[0]) throw faults[0].error;
      for (const batch of batches) await database.upsert(refOf(table), batch, options, newCall());
    },
    async get(table, ids) {
      const batch = await database.fetch(refOf(table), ids, WANT_ALL, newCall());
      return batch.ids.map((_, row) => recordLine(batch, row, WANT_ALL));
    },
    async all(table, request = {}) {
      const lines: string[] = [];
      const scan = { want: WANT_ALL, batchBytes: 1 << 20, batchRecords: 1000, ...request };
      for await (const { batch } of database.scan!(refOf(table), scan, newCall())) {
        for (let row = 0; row < batch.count; row++) lines.push(recordLine(batch, row, scan.want));
      }
      return lines;
    },
  };
}

/** `name:type` of every column, as Lance has it. */
export async function columnsOf({ lance }: Temporary, table: string): Promise<string[]> {
  const { fields } = await (await lance.openTable(table)).schema();
  return fields.map(field => `${field.name}:${field.type}`);
}
