import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'lancedb',
  title: 'LanceDB',
  summary: 'Tables in a local directory, opened in the daemon itself; there is no server.',
  options: [{ name: 'path', type: 'path', help: 'directory that holds the tables; made when it does not exist' }],
  secrets: [],
  addressedBy: [['path']],
};
