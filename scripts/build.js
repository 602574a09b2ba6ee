/**
 * Builds dist/: the client as one CommonJS file behind a prelude that any Node can parse, the daemon as ESM with one chunk
 * per connector, and one file per worker. Native and WASM packages stay outside.
 *
 * Runs on `npm ci` and again whenever npx asks. Idempotent: nothing happens when no input changed. Atomic: every file is
 * renamed into place, entry points last, and chunks that a running daemon may still load stay for a day.
 *
 * `--test-build --out DIR` makes the build that tests use besides: it stops at named points, and has a database in memory.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const argument = name => process.argv[process.argv.indexOf(name) + 1];
const testBuild = process.argv.includes('--test-build');
const out = process.argv.includes('--out') ? argument('--out') : 'dist';
const DAY_MS = 24 * 60 * 60 * 1000;

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const external = [
  '@lancedb/lancedb',
  'apache-arrow',
  '@electric-sql/pglite',
  '@electric-sql/pglite-pgvector',
  'pg-native',
];
const define = { VDB_VERSION: JSON.stringify(version), VDB_TEST_BUILD: String(testBuild) };
const common = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  write: false,
  define,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
};

function listFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap(entry => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'generated' ? [] : listFiles(path);
    return [path];
  });
}

function inputHash() {
  const hash = createHash('sha256').update(JSON.stringify({ define, node: process.versions.modules }));
  for (const file of ['package-lock.json', 'scripts/build.js', ...listFiles('src').sort()]) {
    if (existsSync(file)) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

function place(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Manifests of all providers in the registry as one array, so that the client has their flags without loading a connector. */
async function gatherProviders() {
  const files = readdirSync('src/connectors', { withFileTypes: true })
    .filter(entry => entry.isDirectory() && existsSync(join('src/connectors', entry.name, 'manifest.ts')))
    .map(entry => entry.name)
    .sort();
  const contents = `import { registry } from './src/connectors/registry.ts';
${files.map((name, i) => `import { manifest as m${i} } from './src/connectors/${name}/manifest.ts';`).join('\n')}
export const manifests = [${files.map((_, i) => `m${i}`)}].filter(({ provider }) => provider in registry);`;
  const stdin = { contents, resolveDir: root, loader: 'ts' };
  const bundle = await esbuild.build({ ...common, stdin, external: ['*/connector.ts'], format: 'esm' });
  const { manifests } = await import(
    `data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString('base64')}`
  );
  return `${JSON.stringify(manifests, null, 2)}\n`;
}

/** What the sources have from src/generated is that of the build for users; each build has its own. */
const ownProviders = providers => ({
  name: 'own providers',
  setup(build) {
    build.onResolve({ filter: /\/generated\/providers\.json$/ }, ({ path }) => ({ path, namespace: 'providers' }));
    build.onLoad({ filter: /.*/, namespace: 'providers' }, () => ({ contents: providers, loader: 'json' }));
  },
});

/** Commander loads it for executable subcommands, which vdb has none of; loading takes 1 ms of every command. */
const lazyChildProcess = {
  name: 'lazy child_process',
  setup(build) {
    build.onLoad({ filter: /commander[\\/]lib[\\/]command\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /^import childProcess from 'node:child_process';$|^const childProcess = require\('node:child_process'\)(\.\w+)?;$/m,
        "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };",
      ),
    }));
  },
};

async function buildClient(providers) {
  const result = await esbuild.build({
    ...common,
    entryPoints: { client: 'src/cli/main.ts' },
    outdir: out,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    minify: true,
    charset: 'ascii',
    plugins: [lazyChildProcess, ownProviders(providers)],
    define: { ...define, 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
  return result.outputFiles;
}

async function buildDaemon() {
  const workers = listFiles('src').filter(file => file.endsWith('Worker.ts'));
  const entryPoints = { vdbd: 'src/daemon/main.ts' };
  for (const file of workers) entryPoints[basename(file, '.ts')] = file;
  const result = await esbuild.build({
    ...common,
    entryPoints,
    outdir: out,
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[name]-[hash]',
    external,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
  return result.outputFiles;
}

/** The Node that bin/vdb will choose; nothing when that is not known to be new enough. */
function ownRuntime() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 12)) return process.execPath;
  const packages = readdirSync('node_modules').filter(name => /^node-(bin-)?(linux|darwin)-/.test(name));
  return packages.map(name => join(root, 'node_modules', name, 'bin/node')).find(path => existsSync(path));
}

function removeStale(kept) {
  for (const name of readdirSync(out)) {
    const path = join(out, name);
    if (
      !kept.has(name) &&
      (name.endsWith('.tmp') || name.startsWith('chunk-')) &&
      Date.now() - statSync(path).mtimeMs > DAY_MS
    )
      rmSync(path);
  }
}

const stamp = join(out, '.inputs');
const hash = inputHash();
const generated = testBuild || existsSync('src/generated/providers.json');
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && generated) process.exit(0);

const providers = await gatherProviders();
if (!testBuild) place('src/generated/providers.json', providers);
const files = [...(await buildDaemon()), ...(await buildClient(providers))];
const isChunk = file => basename(file.path).startsWith('chunk-');
for (const file of [...files.filter(isChunk), ...files.filter(file => !isChunk(file))])
  place(join(out, basename(file.path)), file.contents);
place(join(out, 'vdb.cjs'), readFileSync('src/cli/prelude.cjs'));
// The cache is of the V8 that will run the client; without it the client only starts more slowly.
const runtime = ownRuntime();
if (runtime) execFileSync(runtime, ['src/cli/codeCache.cjs', out], { stdio: 'inherit' });
else rmSync(join(out, 'client.cache'), { force: true });
removeStale(new Set(files.map(file => basename(file.path))));
place(stamp, hash);
