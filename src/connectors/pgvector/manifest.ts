import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'pgvector',
  title: 'PostgreSQL with pgvector',
  summary: 'A PostgreSQL server with the pgvector extension, or an embedded one (PGlite) in a directory.',
  options: [
    { name: 'path', type: 'path', help: 'directory of an embedded database; made when it does not exist' },
    {
      name: 'url',
      type: 'url',
      help: 'postgres://user@host:port/database?sslmode=…, without the password',
    },
    { name: 'host', type: 'string', help: 'server name, address or directory of its socket' },
    { name: 'port', type: 'integer', help: 'server port', default: 5432 },
    { name: 'user', type: 'string', help: 'role to connect as; by default the one in the url, else postgres' },
    { name: 'database', type: 'string', help: 'database to connect to; by default named like the user' },
    {
      name: 'schema',
      type: 'string',
      help: 'schema of collections named without one; tables elsewhere are schema.table',
      default: 'public',
    },
    {
      name: 'sslmode',
      type: 'string',
      help: 'use of TLS, with the meaning libpq gives it: prefer by default, verify-full when a CA is given',
      choices: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    },
    { name: 'ca', type: 'path', help: 'file with the certificates of the authorities to trust' },
    { name: 'cert', type: 'path', help: 'file with the client certificate' },
    { name: 'key', type: 'path', help: 'file with the key of the client certificate' },
    { name: 'insecure', type: 'boolean', help: 'do not verify the server certificate' },
    { name: 'idColumn', type: 'string', help: 'column that holds the id, in tables where the primary key does not' },
    { name: 'documentColumn', type: 'string', help: 'column that holds the document' },
  ],
  secrets: [{ name: 'password', help: 'password of the role' }],
  addressedBy: [['path'], ['url'], ['host']],
};
