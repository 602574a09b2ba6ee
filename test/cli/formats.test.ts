import { expect, test } from 'vitest';
import { World } from '../blackbox/world.ts';

const BIG =
  '{"id":"big","vector":[1,2],"metadata":{"n":9007199254740993,"f":1.0,"esc":"\\u001b[31m"},"document":"a,b"}';

test('one collection in every format', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'l', '--provider', 'lancedb', '--path', 'data']);
  await world.ok(['connect', 'l']);
  await world.ok(['collection', 'create', 'docs', '--dimension', '2']);
  await world.ok(['use', 'l/docs']);
  const lines = [BIG, ...[1, 2, 3].map(n => `{"id":"r${n}","vector":[${n},1],"metadata":{"n":${n}}}`)];
  const written = JSON.parse(await world.ok(['upsert', '-'], { input: lines.join('\r\n') }));
  expect(written).toMatchObject({ connection: 'l', collection: 'docs', upserted: 4, rejected: 0 });

  // Not a terminal: lists are NDJSON, single results JSON; records keep every digit.
  const scanned = (await world.ok(['scan'])).trimEnd().split('\n');
  expect(scanned.sort()[0]).toBe(BIG);
  expect(scanned).toHaveLength(4);
  expect(await world.ok(['count'])).toBe('{"connection":"l","collection":"docs","count":4,"exact":true}\n');
  expect(JSON.parse(await world.ok(['scan', '--json']))).toHaveLength(4);
  expect(await world.ok(['scan', '--json', '--where', 'n = 77'])).toBe('[]\n');
  expect(await world.ok(['scan', '--where', 'n = 77'])).toBe('');

  const where = ['--where', 'id in ("big")'];
  expect(await world.ok(['scan', ...where, '--fields', 'metadata.n,metadata.f,nope'])).toBe(
    '{"metadata.n":9007199254740993,"metadata.f":1.0}\n',
  );
  expect(await world.ok(['scan', ...where, '-o', 'csv', '--fields', 'id,document,nope'])).toBe(
    'id,document,nope\nbig,"a,b",\n',
  );
  expect(await world.ok(['scan', ...where, '-o', 'csv', '--with', 'document', '--no-headers'])).toBe('big,"a,b"\n');
  const table = await world.ok(['scan', ...where, '-o', 'table', '--fields', 'id,metadata.esc']);
  expect(table).toBe('ID   METADATA.ESC\nbig  \\u001b[31m\n');
  expect(await world.ok(['collection', 'list', '-o', 'table'])).toMatch(/^NAME +COUNT.*\ndocs +4 .*2 cosine\n$/);

  const env = { VDB_OUTPUT: 'csv' };
  expect(await world.ok(['count', '--fields', 'count'], { env })).toBe('count\n4\n');
  const wrong = await world.run(['count', 'nope/x'], { env: { VDB_OUTPUT: 'ndjson' } });
  expect(JSON.parse(wrong.stderr).error).toMatchObject({ code: 'not_found', exit: 66, op: 'count' });

  // get: what is found is printed, and the rest is 66.
  const got = await world.run(['get', 'r2', 'ghost', 'r1', '--with', 'metadata']);
  expect(got).toMatchObject({ exit: 66, stdout: '{"id":"r2","metadata":{"n":2}}\n{"id":"r1","metadata":{"n":1}}\n' });
  expect(await world.ok(['get', '--ids-from', '-', '--with', 'none'], { input: 'r3\n\nr1' })).toBe(
    '{"id":"r3"}\n{"id":"r1"}\n',
  );

  // query: a vector from an argument, a file and stdin; hits in order.
  await world.sh("printf '[3,1]' > v.json");
  const hits = await world.ok(['query', '--vector', '[3,1]', '-k', '2', '--with', 'none']);
  expect(hits.split('\n').map(line => line && JSON.parse(line).id)).toEqual(['r3', 'r2', '']);
  expect(await world.ok(['query', '--vector', '@v.json', '-k', '2', '--with', 'none'])).toBe(hits);
  expect(await world.ok(['query', '--vector', '-', '-k', '2', '--with', 'none'], { input: '[3,1]' })).toBe(hits);

  // The same over pipes, without any daemon.
  await world.ok(['daemon', 'stop']);
  expect(JSON.parse(await world.ok(['count', 'l/docs', '--no-daemon'])).count).toBe(4);
  expect(world.daemons()).toEqual([]);
  const status = await world.run(['daemon', 'status']);
  expect(status.exit).toBe(66);
  expect(JSON.parse(status.stdout).running).toBe(false);
});

test('upsert takes arrays and single objects, and tells how many were written before a fault', async () => {
  const world = new World();
  await world.ok(['profile', 'add', 'l', '--provider', 'lancedb', '--path', 'data']);
  await world.ok(['collection', 'create', 'l/docs', '--dimension', '2']);
  const upsert = (input: string, ...more: string[]) => world.run(['upsert', 'l/docs', '-', ...more], { input });
  const array = '[\n {"id":"a","vector":[1,2]},\n {"id":"b","vector":[1,2]} ]';
  expect(JSON.parse((await upsert(array)).stdout).upserted).toBe(2);
  expect(JSON.parse((await upsert('{"id":"c",\n"vector":[1,2]}', '--format', 'json')).stdout).upserted).toBe(1);
  expect(JSON.parse((await upsert('')).stdout).upserted).toBe(0);
  expect((await upsert('[{"id":"a"', '--json')).exit).toBe(65);
  const shaped = await upsert('{"sku":"d","emb":[1,2],"color":"red"}', '--id-field', 'sku', '--vector-field', 'emb');
  expect(JSON.parse(shaped.stdout).upserted).toBe(1);
  expect(JSON.parse(await world.ok(['scan', 'l/docs', '--where', 'color = "red"']))).toMatchObject({ id: 'd' });

  const good = (id: number) => `{"id":"g${id}","vector":[1,2]}`;
  const faulty = [good(1), '', good(2), '{"id":"x","vector":[1]}', good(3)].join('\n');
  const stopped = await upsert(faulty, '--json');
  expect(stopped.exit).toBe(65);
  expect(JSON.parse(stopped.stderr).error).toMatchObject({
    reason: 'dimension_mismatch',
    outcome: 'partially_applied',
    data: { line: 4, upserted: 2 },
  });
  const passed = await upsert(faulty, '--max-errors', '1');
  expect(passed.exit).toBe(22);
  expect(JSON.parse(passed.stdout)).toMatchObject({ upserted: 3, rejected: 1, errors: [{ line: 4 }] });
  const dry = await upsert(good(9), '--dry-run');
  expect(dry.exit).toBe(0);
  expect(JSON.parse(await world.ok(['count', 'l/docs'])).count).toBe(7);
});
