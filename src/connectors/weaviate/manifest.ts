import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'weaviate',
  title: 'Weaviate',
  summary: 'A Weaviate server or cloud cluster, reached over its REST and gRPC interfaces.',
  options: [
    { name: 'url', type: 'url', help: 'http(s)://host:port, with the path of a proxy if there is one' },
    { name: 'host', type: 'string', help: 'server name or address' },
    { name: 'port', type: 'integer', help: 'port of the REST interface', default: 8080 },
    {
      name: 'grpcPort',
      type: 'integer',
      help: 'port of the gRPC interface; by default 50051, and 443 at grpc-<host> for Weaviate Cloud',
    },
    { name: 'ca', type: 'path', help: 'file with the certificates of the authorities to trust' },
    { name: 'cert', type: 'path', help: 'file with the client certificate' },
    { name: 'key', type: 'path', help: 'file with the key of the client certificate' },
    { name: 'insecure', type: 'boolean', help: 'do not verify the server certificate' },
  ],
  secrets: [{ name: 'apiKey', help: 'API key or access token' }],
  addressedBy: [['url'], ['host']],
};
