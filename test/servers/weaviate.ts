import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk } from './expectOk.ts';
import type { Kind } from './kind.ts';
import { run } from './run.ts';

/** Weaviate, one node, compiled from its Go module (5 to 9 minutes on two cores, hence the nice). It asks for the API key. */
export const weaviate: Kind = {
  name: 'weaviate',
  version: '1.38.11',
  ports: 6,
  signal: 'SIGTERM',
  async install(home) {
    const source = `github.com/weaviate/weaviate/cmd/weaviate-server@v${this.version}`;
    await run('nice', ['-n', '19', 'go', 'install', source], { env: { GOBIN: home } });
    if (!existsSync(join(home, 'weaviate-server'))) throw new Error('go install left no weaviate-server');
  },
  async prepare({ home, data, port, secret }) {
    const url = `http://127.0.0.1:${port}`;
    const [grpc, gossip, raft, raftRpc] = [port + 1, port + 2, port + 4, port + 5];
    return {
      command: join(home, 'weaviate-server'),
      args: ['--host', '127.0.0.1', '--port', String(port), '--scheme', 'http'],
      env: {
        PERSISTENCE_DATA_PATH: join(data, 'db'),
        DEFAULT_VECTORIZER_MODULE: 'none',
        // keeps /v1/meta small and the start quick
        ENABLE_API_BASED_MODULES: 'false',
        DISABLE_TELEMETRY: 'true',
        LOG_LEVEL: 'warning',
        QUERY_DEFAULTS_LIMIT: '25',
        GOMAXPROCS: '2',
        GRPC_PORT: String(grpc),
        // all ports of the cluster, or two instances on one machine join each other
        CLUSTER_HOSTNAME: 'node1',
        CLUSTER_IN_LOCALHOST: 'true',
        CLUSTER_ADVERTISE_ADDR: '127.0.0.1',
        CLUSTER_GOSSIP_BIND_PORT: String(gossip),
        CLUSTER_DATA_BIND_PORT: String(gossip + 1),
        RAFT_PORT: String(raft),
        RAFT_INTERNAL_RPC_PORT: String(raftRpc),
        RAFT_BOOTSTRAP_EXPECT: '1',
        RAFT_JOIN: `node1:${raft}`,
        AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: 'false',
        AUTHENTICATION_APIKEY_ENABLED: 'true',
        AUTHENTICATION_APIKEY_ALLOWED_KEYS: secret,
        AUTHENTICATION_APIKEY_USERS: 'admin',
        AUTHORIZATION_ADMINLIST_ENABLED: 'true',
        AUTHORIZATION_ADMINLIST_USERS: 'admin',
      },
      access: { url, grpcPort: grpc, apiKey: secret },
      async ready() {
        await expectOk(`${url}/v1/.well-known/ready`);
        await expectOk(`${url}/v1/schema`, { authorization: `Bearer ${secret}` });
      },
    };
  },
};
