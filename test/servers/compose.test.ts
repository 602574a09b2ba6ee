import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const SERVERS = ['chroma', 'neo4j', 'pinecone', 'postgres', 'qdrant', 'weaviate'];
/** A tag that names one version down to its third number, or for PostgreSQL the extension's; a digest may follow. */
const PINNED = /^[a-z0-9./-]+:v?\d+\.\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$/;

const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');
const services = serviceLines();

/** The lines of each service, without comments. */
function serviceLines(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let section = '';
  let service: string[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line)) continue;
    section = /^(\w+):/.exec(line)?.[1] ?? section;
    if (section !== 'services') continue;
    const name = /^ {2}([\w-]+):$/.exec(line)?.[1];
    if (name !== undefined) found.set(name, (service = []));
    else service.push(line);
  }
  return found;
}

/** What a service runs, or is built from. */
function images(lines: string[]): string[] {
  return lines.flatMap(line => /^\s+(?:image: |FROM |COPY --from=)(\S+)/.exec(line)?.[1] ?? []);
}

test('the six servers stand in compose.yaml', () => {
  expect([...services.keys()].sort()).toEqual(SERVERS);
});

test.for(SERVERS)('%s has pinned images, a health check and ports of the loopback', name => {
  const lines = services.get(name)!;
  const found = images(lines);
  expect(found).not.toEqual([]);
  for (const image of found) expect(image).toMatch(PINNED);
  const check = lines.findIndex(line => /^ {4}healthcheck:/.test(line));
  expect(check, 'healthcheck').toBeGreaterThan(-1);
  const below = lines.slice(check + 1).findIndex(line => /^ {0,4}\S/.test(line));
  const body = lines.slice(check + 1, below < 0 ? undefined : check + 1 + below);
  expect(body).toContainEqual(expect.stringMatching(/^ {6}test:/));
  expect(lines.find(line => /^ {4}ports:/.test(line))).toMatch(/^ {4}ports: \[("127\.0\.0\.1:[\d:-]+"(, )?)+\]$/);
});

test('Qdrant is the version whose exchanges are recorded', () => {
  const recorded = readdirSync(join(ROOT, 'test/doubles/qdrant/recorded')).map(
    file => /^qdrant-(.+)\.ndjson$/.exec(file)?.[1],
  );
  expect(images(services.get('qdrant')!)).toEqual(recorded.map(version => `qdrant/qdrant:v${version}`));
});
