import pg from 'pg';
import { describeServer } from '../../servers/server.ts';
import { daemonContractSuite } from '../contract.ts';
import { daemonHarness } from './daemonHarness.ts';

daemonContractSuite(
  'pgvector (PGlite)',
  daemonHarness('pgvector', path => ({ path })),
);

describeServer('postgres', ({ url }) => {
  const schema = `daemon${process.pid}`;
  const address = new URL(url);
  const password = decodeURIComponent(address.password);
  address.password = '';

  daemonContractSuite('pgvector (server)', {
    provider: 'pgvector',
    async open() {
      await run(url, `create schema ${schema}`);
      const drop = () => run(url, `drop schema ${schema} cascade`);
      const opened = await daemonHarness('pgvector', () => ({ url: address.href, schema }), { password })
        .open()
        .catch(async error => {
          await drop();
          throw error;
        });
      return {
        ...opened,
        async close() {
          await opened.close();
          await drop();
        },
      };
    },
  });
});

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
