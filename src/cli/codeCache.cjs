/**
 * A step of the build: `node codeCache.cjs DIST` writes DIST/client.cache, the code that V8 compiled for a short command,
 * and ends DIST/client.cjs with the hash by which prelude.cjs knows that the two belong together.
 */
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const dist = resolve(process.argv[2]);
const MARK = '\n//';
const WRAPPER = '(function (exports, require, module, __filename, __dirname) {';

if (process.argv[3] === '--within') {
  process.argv.splice(1, 3, join(dist, 'vdb.cjs'), 'session', 'list', '--no-daemon');
  const script = require(join(dist, 'vdb.cjs'));
  process.on('exit', () => {
    const hash = readFileSync(join(dist, 'client.cjs'), 'latin1').slice(-64);
    place('client.cache', Buffer.concat([Buffer.from(hash, 'latin1'), script.createCachedData()]));
  });
} else {
  const plain = readFileSync(join(dist, 'client.cjs'), 'latin1');
  const source = plain.startsWith(WRAPPER) ? plain.slice(0, plain.lastIndexOf(MARK)) : `${WRAPPER}${plain}\n})`;
  place('client.cjs', `${source}${MARK}${createHash('sha256').update(source).digest('hex')}`);
  // The command runs a daemon of its own in a place of its own; code of functions that it called is in the cache too.
  const home = mkdtempSync(join(tmpdir(), 'vdb-cache-'));
  try {
    execFileSync(process.execPath, [__filename, dist, '--within'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH, HOME: home, VDB_CONFIG_DIR: home, VDB_STATE_DIR: home },
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function place(name, contents) {
  const path = join(dist, name);
  writeFileSync(`${path}.${process.pid}.tmp`, contents, typeof contents === 'string' ? 'latin1' : undefined);
  renameSync(`${path}.${process.pid}.tmp`, path);
}
