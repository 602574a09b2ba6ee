import { afterAll, expect, test } from 'vitest';
import { parseFilter } from '../../../src/model/filter/parse.ts';
import { WANT_ALL } from '../../../src/model/record.ts';
import { parseRecords } from '../../../src/model/recordLine.ts';
import { isInstalled } from '../../servers/install.ts';
import { type Running, startServer, stopServer } from '../../servers/launch.ts';
import { weaviate } from '../../servers/weaviate.ts';
import { newCall, open } from './server.ts';

let running: Running | undefined;
afterAll(async () => {
  if (running) await stopServer(running);
});

const title = 'after kill -9 and a restart every record is there, and a NOT counts and deletes no ghosts';

test.skipIf(!isInstalled(weaviate))(
  title,
  async () => {
    running = await startServer('weaviate');
    let database = await open(running.access);
    const ref = { collection: 'Restart', partition: '' };
    const vectors = [{ name: '', kind: 'dense', dimension: 2, metric: 'dot', element: 'f32' } as const];
    await database.create({ name: 'Restart', vectors }, newCall());
    const write = async (to: number): Promise<void> => {
      const lines = Array.from({ length: to }, (_, i) => `{"id":"r${i}","vector":[${i},1],"metadata":{"n":${i % 3}}}`);
      await database.upsert(ref, parseRecords(lines, { vectors }).batches[0]!, {}, newCall());
    };
    await write(300);
    // Replaced and deleted objects leave document numbers behind.
    await write(150);
    await database.remove(
      ref,
      Array.from({ length: 50 }, (_, i) => `r${i}`),
      newCall(),
    );
    await database.close();
    await stopServer(running, { signal: 'SIGKILL', keepData: true });
    running = await startServer('weaviate', running);
    database = await open(running.access);
    const filter = parseFilter('n != 1');
    const left = Array.from({ length: 250 }, (_, i) => i + 50).filter(i => i % 3 !== 1);
    expect(await database.count!(ref, { exact: true }, newCall())).toEqual({ count: 250, exact: true });
    expect(await database.count!(ref, { filter, exact: true }, newCall())).toEqual({ count: left.length, exact: true });
    const query = { vector: Float32Array.of(1, 0), using: '', k: 300, filter, want: WANT_ALL };
    const { batch } = await database.search(ref, query, newCall());
    expect(batch.ids).toEqual(left.reverse().map(i => `r${i}`));
    expect(await database.removeWhere!(ref, filter, newCall())).toBe(left.length);
    expect(await database.count!(ref, { exact: true }, newCall())).toEqual({ count: 250 - left.length, exact: true });
    await database.close();
  },
  120_000,
);
