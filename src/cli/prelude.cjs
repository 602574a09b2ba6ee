// Old syntax only: whatever Node runs this must be able to say that it is too old.
var version = process.versions.node.split('.');
var major = Number(version[0]);
if (major > 22 || (major === 22 && Number(version[1]) >= 12)) {
  require('./client.cjs');
} else {
  process.stderr.write(
    'vdb: needs Node.js 22.12 or newer, and found ' + process.versions.node + ' at ' + process.execPath + '\n',
  );
  process.exitCode = 78;
}
