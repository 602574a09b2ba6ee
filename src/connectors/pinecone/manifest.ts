import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'pinecone',
  title: 'Pinecone',
  summary: 'Serverless vector indexes of a Pinecone project, whose namespaces are partitions.',
  options: [
    {
      name: 'controllerUrl',
      type: 'url',
      help: 'control plane of the project; http:// only to this machine',
      default: 'https://api.pinecone.io',
    },
    { name: 'cloud', type: 'string', help: 'where new indexes go', default: 'aws', choices: ['aws', 'gcp', 'azure'] },
    { name: 'region', type: 'string', help: 'region of that cloud for new indexes', default: 'us-east-1' },
    { name: 'documentField', type: 'string', help: 'metadata field that is the document', default: 'text' },
    { name: 'ca', type: 'path', help: 'file with the certificates of the authorities to trust' },
    { name: 'insecure', type: 'boolean', help: 'do not verify the server certificate' },
  ],
  secrets: [{ name: 'apiKey', help: 'API key of the project' }],
  addressedBy: [],
  sleeps: true,
};
