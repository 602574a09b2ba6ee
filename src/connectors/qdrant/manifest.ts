import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'qdrant',
  title: 'Qdrant',
  summary: 'A Qdrant server or cloud cluster, reached over its REST interface.',
  options: [
    { name: 'url', type: 'url', help: 'http(s)://host:port, with the path of a proxy if there is one' },
    { name: 'host', type: 'string', help: 'server name or address' },
    { name: 'port', type: 'integer', help: 'port of the REST interface', default: 6333 },
    { name: 'ca', type: 'path', help: 'file with the certificates of the authorities to trust' },
    { name: 'cert', type: 'path', help: 'file with the client certificate' },
    { name: 'key', type: 'path', help: 'file with the key of the client certificate' },
    { name: 'insecure', type: 'boolean', help: 'do not verify the server certificate' },
    {
      name: 'documentKey',
      type: 'string',
      help: 'payload key that holds the document, such as page_content',
      default: 'document',
    },
  ],
  secrets: [{ name: 'apiKey', help: 'API key or JSON web token' }],
  addressedBy: [['url'], ['host']],
};
