/** `PATH LINE…`: upserts each record into table `t` in a process of its own, as many times as there are lines. */
import { connector } from '../../../src/connectors/lancedb/connector.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';

const [path, ...lines] = process.argv.slice(2);
const call = { signal: new AbortController().signal, deadlineMs: 60_000 };
const database = await connector.connect({ path: path! }, {}, call);
for (const line of lines) {
  for (const batch of parseRecords(line.split('\n'), {}).batches) {
    await database.upsert({ collection: 't', partition: '' }, batch, {}, call);
  }
}
await database.close();
