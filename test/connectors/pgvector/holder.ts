/** A process that opens the database in argv[2], writes batches for ever and says after each how many records are acknowledged. */
import { connector } from '../../../src/connectors/pgvector/connector.ts';

const call = { signal: new AbortController().signal, deadlineMs: 60_000 };
const database = await connector.connect({ path: process.argv[2]! }, {}, call);
const ref = { collection: 'kept', partition: '' };
await database.create(
  { name: 'kept', vectors: [{ name: '', kind: 'dense', dimension: 4, metric: null, element: 'f32' }] },
  call,
);
for (let batch = 0; ; batch++) {
  const ids = Array.from({ length: 50 }, (_, i) => `b${batch}-${i}`);
  const vectors = [
    {
      name: '',
      kind: 'dense' as const,
      element: 'f32' as const,
      dimension: 4,
      values: new Float32Array(200).fill(batch),
    },
  ];
  await database.upsert(ref, { count: 50, partition: '', ids, vectors, metadata: new Array(50), bytes: 0 }, {}, call);
  process.stdout.write(`${(batch + 1) * 50}\n`);
}
