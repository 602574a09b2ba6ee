// Old syntax only: whatever Node runs this must be able to say that it is too old.
var WRAPPER = '(function (exports, require, module, __filename, __dirname) {';
var version = process.versions.node.split('.');
var major = Number(version[0]);
if (major > 22 || (major === 22 && Number(version[1]) >= 12)) {
  start();
} else {
  process.stderr.write(
    'vdb: needs Node.js 22.12 or newer, and found ' + process.versions.node + ' at ' + process.execPath + '\n',
  );
  process.exitCode = 78;
}

/**
 * Runs client.cjs with the compiled code that the build left beside it: compiling takes 10 ms, half of a short command.
 * V8 refuses code of another version of itself; that it is of this very client is for the hash that both carry to tell.
 */
function start() {
  var fs = require('node:fs');
  var vm = require('node:vm');
  var file = __dirname + '/client.cjs';
  var source = fs.readFileSync(file, 'latin1');
  var options = { filename: file };
  var cache = read(fs, __dirname + '/client.cache');
  if (cache && cache.latin1Slice(0, 64) === source.slice(-64)) options.cachedData = cache.subarray(64);
  // The build wraps the text beforehand, which spares a copy of it.
  if (source.charAt(0) !== '(') source = WRAPPER + source + '\n})';
  var script = new vm.Script(source, options);
  module.exports = script;
  script.runInThisContext()(exports, require, module, file, __dirname);
}

function read(fs, path) {
  try {
    return fs.readFileSync(path);
  } catch (_error) {
    // Without it the client only starts more slowly.
    return undefined;
  }
}
