import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Access, environmentLines, fromEnvironment, VARIABLES } from './access.ts';
import { freePorts, isFree } from './freePorts.ts';
import { homeOf, install } from './install.ts';
import type { Kind } from './kind.ts';
import type { Running } from './launch.ts';
import { forget, note, noted } from './noted.ts';
import { endProcess, identify, lives, parseStat } from './processLife.ts';
import { server } from './server.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vdb-servers-test-'));
  vi.stubEnv('VDB_TEST_SERVERS_DIR', join(directory, 'running'));
  vi.stubEnv('VDB_TEST_CACHE', join(directory, 'cache'));
  vi.stubEnv('VDB_TEST_REQUIRE', '');
  for (const fields of Object.values(VARIABLES)) for (const variable of Object.values(fields)) vi.stubEnv(variable, '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

function running(id: { pid: number; began: number }): Running {
  const access = { url: 'http://127.0.0.1:1', grpcPort: 2, apiKey: 'k' };
  return { name: 'weaviate', version: '1', ...id, port: 1, data: directory, secret: 'k', access };
}

test('the state is read out of a stat line whose command holds spaces and parentheses', () => {
  const rest = ['Z', ...Array.from({ length: 18 }, (_, index) => index + 1), 4711, 0, 0].join(' ');
  expect(parseStat(`12 (a) S (b 1) ${rest}`)).toEqual({ state: 'Z', threads: 17, began: 4711 });
});

test.runIf(process.platform === 'linux')('a zombie, which answers signal 0, does not live', async () => {
  const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(line);
  await expect.poll(() => identify(pid), { timeout: 5_000 }).toBeUndefined();
  expect(process.kill(pid, 0)).toBe(true);
  await endProcess(identify(parent.pid!)!, 'SIGTERM');
});

test('a process is ended once, by force when it will not, and a pid that another process has is left alone', async () => {
  const polite = spawn('sleep', ['60']);
  const id = identify(polite.pid!)!;
  expect(lives(id)).toBe(true);
  expect(await endProcess(id, 'SIGTERM')).toEqual({ killed: false });
  expect(lives(id)).toBe(false);

  const stubborn = spawn('sh', ['-c', 'trap "" TERM; echo set; while :; do sleep 0.05; done']);
  await once(stubborn.stdout, 'data');
  const other = identify(stubborn.pid!)!;
  if (process.platform === 'linux') {
    await endProcess({ ...other, began: other.began - 1 }, 'SIGKILL');
    expect(lives(other)).toBe(true);
  }
  expect(await endProcess(other, 'SIGTERM', 200)).toEqual({ killed: true });
});

test('ports are consecutive, free, and not those that are taken', async () => {
  const first = await freePorts(4);
  const taken = createServer().listen(first + 2, '127.0.0.1');
  await once(taken, 'listening');
  expect(await isFree(first + 2)).toBe(false);
  const fractions = [(first - 20_000 + 0.5) / (12_000 - 4), 0.1, 0.3, 0.5, 0.7, 0.9];
  const next = await freePorts(4, () => fractions.shift()!);
  expect(fractions.length).toBeLessThan(5);
  expect(next > first + 2 || next + 3 < first + 2).toBe(true);
  taken.close();
});

test('the environment lines of an access give it back', () => {
  const all: [keyof typeof VARIABLES, Access][] = [
    ['postgres', { url: 'postgres://postgres:x@127.0.0.1:1/postgres' }],
    ['weaviate', { url: 'http://127.0.0.1:1', grpcPort: 2, apiKey: 'k' }],
    ['neo4j', { url: 'bolt://127.0.0.1:1', user: 'neo4j', password: 'p' }],
    ['pinecone', { url: '', apiKey: 'k' }],
  ];
  for (const [name, access] of all) {
    const env = Object.fromEntries(environmentLines(name, access).map(line => line.split(/=(.*)/s).slice(0, 2)));
    expect(fromEnvironment(name, env)).toEqual(access);
  }
  expect(fromEnvironment('qdrant', { VDB_TEST_QDRANT_URL: '' })).toBeUndefined();
});

test('a noted server is found while it lives; the environment goes first', async () => {
  expect(server('weaviate')).toEqual({ absent: expect.stringContaining('VDB_TEST_WEAVIATE_URL is not set') });
  const own = running(identify(process.pid)!);
  expect(await note(own)).toBe(true);
  expect(await note({ ...own, port: 9 })).toBe(false);
  expect(noted('weaviate')).toEqual({ ...own, lives: true });
  expect(statSync(join(directory, 'running', 'weaviate.json')).mode & 0o777).toBe(0o600);
  expect(server('weaviate')).toEqual(own.access);
  vi.stubEnv('VDB_TEST_WEAVIATE_URL', 'http://example.invalid');
  expect(server('weaviate')).toEqual({ url: 'http://example.invalid' });
  await forget('weaviate');
  expect(noted('weaviate')).toBeUndefined();
});

test('a server that has ended is absent, which fails where it is required', async () => {
  const short = spawn('sleep', ['0']);
  const id = identify(short.pid!)!;
  await once(short, 'exit');
  await note(running(id));
  expect(server('weaviate')).toEqual({ absent: expect.stringContaining('has ended') });
  vi.stubEnv('VDB_TEST_REQUIRE', 'chroma, weaviate');
  expect(() => server('weaviate')).toThrow('VDB_TEST_REQUIRE names weaviate');
  expect(server('neo4j')).toHaveProperty('absent');
  vi.stubEnv('VDB_TEST_REQUIRE', 'all');
  expect(() => server('neo4j')).toThrow('neo4j');
});

test('an installation appears complete or not at all, and two at once agree', async () => {
  let runs = 0;
  const kind = (fails: boolean): Kind => ({
    name: 'chroma',
    version: '0',
    ports: 1,
    signal: 'SIGTERM',
    async install(home) {
      runs++;
      writeFileSync(join(home, 'half'), '');
      if (fails) throw new Error('no network');
      writeFileSync(join(home, 'whole'), '');
    },
    prepare: () => Promise.reject(new Error('not started here')),
  });
  await expect(install(kind(true))).rejects.toThrow('no network');
  expect(readdirSync(join(directory, 'cache'))).toEqual([]);
  const homes = await Promise.all([install(kind(false)), install(kind(false))]);
  expect(new Set(homes)).toEqual(new Set([homeOf(kind(false))]));
  expect(existsSync(join(homes[0]!, 'whole'))).toBe(true);
  expect(readdirSync(join(directory, 'cache'))).toEqual(['chroma-0']);
  const before = runs;
  await install(kind(false));
  expect(runs).toBe(before);
});
