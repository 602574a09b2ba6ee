import { defineConfig } from 'vitest/config';

const unit = ['test/architecture.test.ts', 'test/{model,protocol,core,daemon,servers}/**/*.test.ts'];
const contract = ['test/contract/**/*.test.ts', 'test/connectors/**/*.test.ts'];
const blackbox = ['test/{cli,blackbox,docs}/**/*.test.ts'];

/** `unit` needs nothing but Node, `contract` real engines, `blackbox` the built bin. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: unit, testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'contract', include: contract, testTimeout: 240_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'blackbox',
          include: blackbox,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: 'test/blackbox/build.ts',
        },
      },
    ],
    pool: 'forks',
    maxWorkers: 2,
    env: { NODE_EXTRA_CA_CERTS: '' },
  },
});
