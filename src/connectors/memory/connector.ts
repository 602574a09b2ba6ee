import type { Connector } from '../../core/connector.ts';
import { classify } from './classify.ts';
import { MemoryDatabase } from './database.ts';
import { manifest } from './manifest.ts';
import { openStore } from './store.ts';

export const connector: Connector = {
  manifest,
  classify,

  endpoint: options => `memory:${options.path}`,

  async connect(options) {
    return new MemoryDatabase(openStore(String(options.path)));
  },
};
