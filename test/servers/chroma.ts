import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectOk } from './expectOk.ts';
import type { Kind } from './kind.ts';
import { run } from './run.ts';

const RUN = `
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.path.insert(0, sys.argv[1])
import chromadb_rust_bindings
chromadb_rust_bindings.cli(["chroma", "run", sys.argv[2]])
`;

/**
 * Chroma from its Python wheel, of which only the native module is loaded: no Python dependency is needed.
 * The wheel 1.5.9 calls itself 1.4.4 on the command line and 1.0.0 at /api/v2/version. No authentication, no TLS.
 */
export const chroma: Kind = {
  name: 'chroma',
  version: '1.5.9',
  ports: 1,
  signal: 'SIGTERM',
  async install(home) {
    const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--target', home];
    await run('python3', [...args, `chromadb==${this.version}`]);
    if (!existsSync(join(home, 'chromadb_rust_bindings'))) throw new Error('the wheel holds no native module');
  },
  async prepare({ home, data, port }) {
    const config = join(data, 'config.yaml');
    const database = join(data, 'db');
    await mkdir(database, { recursive: true });
    const lines = ['listen_address: "127.0.0.1"', `port: ${port}`, `persist_path: "${database}"`, 'allow_reset: true'];
    await writeFile(config, `${lines.join('\n')}\n`);
    const url = `http://127.0.0.1:${port}`;
    return {
      command: await run('python3', ['-c', 'import sys; print(sys.executable)']),
      args: ['-I', '-c', RUN, home, config],
      access: { url },
      ready: () => expectOk(`${url}/api/v2/heartbeat`),
    };
  },
};
