import type { Manifest } from '../../model/manifest.ts';

export const manifest: Manifest = {
  provider: 'memory',
  title: 'Memory',
  summary: 'Records in the memory of the daemon, gone when it ends; for tests.',
  options: [{ name: 'path', type: 'path', help: 'name of the database; made when it does not exist' }],
  secrets: [],
  addressedBy: [['path']],
};
