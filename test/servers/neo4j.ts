import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import driver from 'neo4j-driver';
import type { Kind } from './kind.ts';
import { run } from './run.ts';

const HEAP = '512m';
const OPENED = ['java.nio', 'java.io', 'sun.nio.ch'].map(name => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** Neo4j Community 5.26 from its jars in Maven's repository; needs Java 17 and Maven. Bolt only, user `neo4j`. */
export const neo4j: Kind = {
  name: 'neo4j',
  version: '5.26.30',
  ports: 1,
  signal: 'SIGTERM',
  async install(home) {
    const project = join(home, 'pom.xml');
    await writeFile(project, pom(this.version));
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${join(home, 'jars')}`];
    await run('mvn', ['-q', '-B', '-ntp', '-f', project, ...goal]);
  },
  async prepare({ home, data, port, secret }) {
    await mkdir(join(data, 'conf'), { recursive: true });
    await mkdir(join(data, 'data', 'dbms'), { recursive: true });
    await writeFile(join(data, 'conf', 'neo4j.conf'), settings(port));
    if (!existsSync(join(data, 'data', 'databases', 'system')))
      await writeFile(join(data, 'data', 'dbms', 'auth.ini'), initialPassword(secret), { mode: 0o600 });
    const url = `bolt://127.0.0.1:${port}`;
    return {
      command: 'java',
      args: [
        `-Xms${HEAP}`,
        `-Xmx${HEAP}`,
        '-XX:+UseSerialGC',
        // a quick start matters more than throughput
        '-XX:TieredStopAtLevel=1',
        '-XX:-OmitStackTraceInFastThrow',
        '-Dlog4j2.disable.jmx=true',
        '-Dfile.encoding=UTF-8',
        ...OPENED,
        '-cp',
        join(home, 'jars', '*'),
        'org.neo4j.server.CommunityEntryPoint',
        `--home-dir=${data}`,
        `--config-dir=${join(data, 'conf')}`,
      ],
      env: { NEO4J_HOME: data, NEO4J_CONF: join(data, 'conf') },
      access: { url, user: 'neo4j', password: secret },
      async ready() {
        // not executeQuery, which repeats a failure for 30 s by itself
        const client = driver.driver(url, driver.auth.basic('neo4j', secret), { connectionTimeout: 1_000 });
        try {
          await client.getServerInfo();
        } finally {
          await client.close();
        }
      },
    };
  },
};

function pom(version: string): string {
  const dependency = `<groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>${version}</version>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>test</groupId><artifactId>servers</artifactId><version>1</version><packaging>pom</packaging>
<dependencies><dependency>${dependency}</dependency></dependencies></project>
`;
}

function settings(port: number): string {
  return `server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:${port}
server.bolt.advertised_address=127.0.0.1:${port}
server.http.enabled=false
server.https.enabled=false
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false
server.memory.heap.initial_size=${HEAP}
server.memory.heap.max_size=${HEAP}
server.memory.pagecache.size=128m
db.tx_log.preallocate=false
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
`;
}

/** What `neo4j-admin dbms set-initial-password` writes, without the start of a JVM. */
function initialPassword(password: string): string {
  const salt = randomBytes(32);
  let hash = Buffer.concat([salt, Buffer.from(password)]);
  for (let round = 0; round < 1024; round++) hash = createHash('sha256').update(hash).digest();
  return `neo4j:SHA-256,${hash.toString('hex')},${salt.toString('hex')},1024:\n`;
}
