import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');
const ROOMS = ['model', 'protocol', 'cli', 'core', 'connectors', 'daemon'] as const;
type Room = (typeof ROOMS)[number];

/** Who may not enter which room, and why. Every other arrow between rooms is allowed. */
const FORBIDDEN: Record<Room, Partial<Record<Room, string>>> = {
  model: {
    protocol: 'plain data knows no wire',
    cli: 'plain data knows no terminal',
    core: 'plain data knows no work',
    connectors: 'plain data knows no database',
    daemon: 'plain data knows no process',
  },
  protocol: {
    cli: 'the wire serves both sides',
    core: 'a client must not load the work of the daemon',
    connectors: 'a client must not load an SDK',
    daemon: 'the wire serves both sides',
  },
  cli: {
    core: 'the client is thin: what computes lives in the daemon',
    connectors: 'no SDK on the start path of a command',
    daemon: 'the client reaches the daemon by the protocol only',
  },
  core: {
    protocol: 'work must not depend on how it is called; types of results excepted',
    cli: 'work knows no terminal',
    connectors: 'the core is provider-agnostic',
    daemon: 'work knows no process',
  },
  connectors: {
    protocol: 'a connector knows its database only',
    cli: 'a connector knows no terminal',
    daemon: 'a connector knows no process',
  },
  daemon: {
    cli: 'the daemon serves any client',
    connectors: 'only main.ts and the registry know which connectors exist',
  },
};

/** Arrows that stand in spite of the table: file → files, with the reason. */
const EXCEPTIONS: { from: RegExp; to: RegExp; why: string }[] = [
  {
    from: /^daemon\/(main|registry|serve)\.ts$/,
    to: /^connectors\/registry\.ts$/,
    why: 'one place joins daemon and connectors',
  },
];

/** Which packages may be imported where; everything not listed is refused. */
const PACKAGES: Record<string, { allowed: RegExp; why: string }> = {
  commander: { allowed: /^cli\//, why: 'arguments are the client’s' },
  chalk: { allowed: /^cli\/output\//, why: 'colour is output' },
  'cli-table3': { allowed: /^cli\/output\//, why: 'tables are output' },
  'json-rpc-2.0': { allowed: /^(protocol\/|daemon\/dispatcher)/, why: 'one peer for both sides' },
  zod: { allowed: /^daemon\/params\//, why: 'params are validated at the daemon’s door only' },
  pg: { allowed: /^connectors\/pgvector\//, why: 'an SDK stays in its connector' },
  'pg-copy-streams': { allowed: /^connectors\/pgvector\//, why: 'an SDK stays in its connector' },
  '@electric-sql/pglite': { allowed: /^connectors\/pgvector\//, why: 'an SDK stays in its connector' },
  '@electric-sql/pglite-pgvector': { allowed: /^connectors\/pgvector\//, why: 'an SDK stays in its connector' },
  '@lancedb/lancedb': { allowed: /^connectors\/lancedb\//, why: 'an SDK stays in its connector' },
  'neo4j-driver': { allowed: /^connectors\/neo4j\//, why: 'an SDK stays in its connector' },
  '@grpc/grpc-js': { allowed: /^connectors\/(weaviate|qdrant)\//, why: 'an SDK stays in its connector' },
  protobufjs: { allowed: /^connectors\/(weaviate|qdrant)\//, why: 'an SDK stays in its connector' },
  '@pinecone-database/pinecone': { allowed: /^connectors\/pinecone\//, why: 'an SDK stays in its connector' },
  'apache-arrow': { allowed: /^connectors\/lancedb\//, why: 'an SDK stays in its connector' },
};

/** The few files that own the process environment. */
const ENVIRONMENT = /^(cli\/environment|core\/failpoint|daemon\/(main|environment))\.ts$/;

/** How code would name each provider, by the folder of its connector. Short words of English count as quoted text only. */
const PROVIDERS: Record<string, RegExp> = {
  chroma: /chroma/i,
  lancedb: /lancedb/i,
  memory: /(['"`])memory\1/i,
  neo4j: /neo4j/i,
  pgvector: /pgvector|pglite|postgres/i,
  pinecone: /pinecone/i,
  qdrant: /qdrant/i,
  weaviate: /weaviate/i,
};

/** Where no provider is named in code, or no other one, and why. */
const UNNAMED: Record<Room, string> = {
  model: 'plain data knows no database',
  protocol: 'the wire is the same for every provider',
  cli: 'flags, prompts and help come from the manifests',
  core: 'the core is provider-agnostic',
  daemon: 'what differs between providers is declared by capabilities',
  connectors: 'a connector knows its own database only; what several need is the contract’s',
};

interface Source {
  path: string;
  text: string;
  imports: { specifier: string; typeOnly: boolean }[];
}

const sources: Source[] = walk(SRC).map(path => {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)].map(
    match => ({
      specifier: match[2]!,
      typeOnly: match[1] !== undefined,
    }),
  );
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g))
    imports.push({ specifier: match[1]!, typeOnly: false });
  return { path: relative(SRC, path), text, imports };
});

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : walk(path);
    return /\.ts$/.test(entry.name) ? [path] : [];
  });
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

function target(source: Source, specifier: string): string {
  return relative(SRC, resolve(SRC, dirname(source.path), specifier));
}

test('imports go one way between rooms', () => {
  const faults: string[] = [];
  for (const source of sources) {
    const from = source.path.split('/')[0] as Room;
    for (const { specifier, typeOnly } of source.imports) {
      if (!specifier.startsWith('.')) continue;
      const path = target(source, specifier);
      const to = path.split('/')[0] as Room;
      const why = FORBIDDEN[from]?.[to];
      if (why === undefined || EXCEPTIONS.some(e => e.from.test(source.path) && e.to.test(path))) continue;
      if (from === 'core' && to === 'protocol' && typeOnly && path.startsWith('protocol/methods/')) continue;
      faults.push(`${source.path} imports ${path}: ${why}`);
    }
  }
  expect(faults).toEqual([]);
});

test('a connector enters no other connector, and of core only the contract', () => {
  const faults: string[] = [];
  for (const source of sources) {
    const match = /^connectors\/([^/]+)\//.exec(source.path);
    if (!match) continue;
    for (const { specifier } of source.imports) {
      if (!specifier.startsWith('.')) continue;
      const path = target(source, specifier);
      const other = /^connectors\/([^/]+)\//.exec(path);
      if (other && other[1] !== match[1]) faults.push(`${source.path} imports ${path}`);
      if (path.startsWith('core/') && !/^core\/(connector|secret|failpoint|files\/\w+)\.ts$/.test(path))
        faults.push(`${source.path} imports ${path}`);
    }
  }
  expect(faults).toEqual([]);
});

test('packages are imported only where they belong', () => {
  const faults: string[] = [];
  for (const source of sources) {
    for (const { specifier, typeOnly } of source.imports) {
      if (specifier.startsWith('.') || specifier.startsWith('node:') || typeOnly) continue;
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      const rule = PACKAGES[name];
      if (!rule) faults.push(`${source.path} imports ${name}, which no rule knows`);
      else if (!rule.allowed.test(source.path)) faults.push(`${source.path} imports ${name}: ${rule.why}`);
    }
  }
  expect(faults).toEqual([]);
});

test('no provider is named outside its own connector', () => {
  const folders = readdirSync(join(SRC, 'connectors'), { withFileTypes: true }).filter(entry => entry.isDirectory());
  expect(folders.map(entry => entry.name).sort()).toEqual(Object.keys(PROVIDERS));
  const faults: string[] = [];
  for (const source of sources) {
    // It joins all of them.
    if (source.path === 'connectors/registry.ts') continue;
    const [room, folder] = source.path.split('/') as [Room, string];
    const text = withoutComments(source.text);
    for (const [provider, name] of Object.entries(PROVIDERS)) {
      if (room === 'connectors' && folder === provider) continue;
      if (name.test(text)) faults.push(`${source.path} names ${provider}: ${UNNAMED[room]}`);
    }
  }
  expect(faults).toEqual([]);
});

test('the environment and the console have owners', () => {
  const faults: string[] = [];
  for (const source of sources) {
    const text = withoutComments(source.text);
    if (/\bprocess\.env\b/.test(text) && !ENVIRONMENT.test(source.path))
      faults.push(`${source.path} reads process.env`);
    if (/\bconsole\./.test(text) && !source.path.startsWith('cli/output/')) faults.push(`${source.path} uses console`);
    if (
      /\bprocess\.exit\(/.test(text) &&
      source.path.startsWith('cli/') &&
      !/^cli\/(main|interrupts)\.ts$/.test(source.path)
    ) {
      faults.push(`${source.path} calls process.exit, which cuts pending output`);
    }
  }
  expect(faults).toEqual([]);
});

test('files are named for the one thing they export', () => {
  const drawers = sources.filter(source => /(^|\/)(utils?|helpers?|common|misc|impl)(\.ts|\/)/i.test(source.path));
  expect(drawers.map(source => source.path)).toEqual([]);
});
