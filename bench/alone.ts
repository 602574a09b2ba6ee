/** Prints records per second of one connector's scan and of another's upsert, each alone: `alone.ts SOURCE PATH TARGET PATH`. */
import { registry } from '../src/connectors/registry.ts';
import type { Database } from '../src/core/connector.ts';
import { type RecordBatch, WANT_ALL } from '../src/model/record.ts';

const [sourceProvider, sourcePath, targetProvider, targetPath] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];
const call = { signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY };

async function open(provider: string, path: string): Promise<Database> {
  const connector = await registry[provider]!();
  return connector.connect({ path }, {}, call);
}

const source = await open(sourceProvider, sourcePath);
const batches: RecordBatch[] = [];
let records = 0;
let started = performance.now();
const request = { want: WANT_ALL, batchBytes: 4 << 20, batchRecords: 1000 };
for await (const { batch } of source.scan!({ collection: 'cities', partition: '' }, request, call)) {
  batches.push(structuredClone(batch));
  records += batch.count;
}
const scan = (records * 1000) / (performance.now() - started);
await source.close();

const target = await open(targetProvider, targetPath);
const info = { vectors: [{ name: '', kind: 'dense', dimension: 384, metric: 'cosine', element: 'f32' }] } as const;
await target.create({ name: 'alone', vectors: [...info.vectors] }, call);
started = performance.now();
for (const batch of batches) await target.upsert({ collection: 'alone', partition: '' }, batch, { absent: true }, call);
const write = (records * 1000) / (performance.now() - started);
await target.drop({ collection: 'alone', partition: '' }, call);
await target.close();
process.stdout.write(JSON.stringify({ scan, write }));
process.exit(0);
