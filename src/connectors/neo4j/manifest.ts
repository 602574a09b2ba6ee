import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'neo4j',
  title: 'Neo4j',
  summary: 'A Neo4j server from 5.13 on, or Aura; a collection is a label.',
  options: [
    {
      name: 'url',
      type: 'url',
      help: 'bolt:// or neo4j://host:port; +s behind the scheme is TLS, +ssc is TLS with any certificate',
    },
    { name: 'host', type: 'string', help: 'server name or address' },
    { name: 'port', type: 'integer', help: 'Bolt port', default: 7687 },
    { name: 'user', type: 'string', help: 'user to connect as; by default the one in the url, else neo4j' },
    { name: 'database', type: 'string', help: 'database to work in; by default the home database of the user' },
    { name: 'ca', type: 'path', help: 'file with the certificates of the authorities to trust' },
    { name: 'cert', type: 'path', help: 'file with the client certificate' },
    { name: 'key', type: 'path', help: 'file with the key of the client certificate' },
    { name: 'insecure', type: 'boolean', help: 'do not verify the server certificate' },
  ],
  secrets: [
    { name: 'password', help: 'password of the user' },
    { name: 'token', help: 'bearer token of single sign-on, instead of user and password' },
  ],
  addressedBy: [['url'], ['host']],
};
