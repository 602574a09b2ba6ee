import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'chroma',
  title: 'Chroma',
  summary: 'A Chroma server or Chroma Cloud, over its API v2.',
  options: [
    { name: 'url', type: 'url', help: 'http://host:port or https://host/path, without the key' },
    { name: 'host', type: 'string', help: 'server name or address' },
    { name: 'port', type: 'integer', help: 'server port', default: 8000 },
    { name: 'tenant', type: 'string', help: 'tenant of the database', default: 'default_tenant' },
    { name: 'database', type: 'string', help: 'database that holds the collections', default: 'default_database' },
    {
      name: 'auth',
      type: 'string',
      help: 'how the key is sent: as x-chroma-token, or in Authorization as a bearer token or as basic user:password',
      choices: ['token', 'bearer', 'basic'],
      default: 'token',
    },
    { name: 'ca', type: 'path', help: 'file with the certificates of the authorities to trust' },
    { name: 'cert', type: 'path', help: 'file with the client certificate' },
    { name: 'key', type: 'path', help: 'file with the key of the client certificate' },
    { name: 'insecure', type: 'boolean', help: 'do not verify the server certificate' },
  ],
  secrets: [{ name: 'apiKey', help: 'token, key, or user:password when auth is basic' }],
  addressedBy: [['url'], ['host']],
};
