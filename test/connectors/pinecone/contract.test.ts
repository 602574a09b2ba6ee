import type { Database } from '../../../src/core/connector.ts';
import { contractSuite, type Opened } from '../../contract/contract.ts';
import { cloud, connect, type Place, settling, startDouble } from './subjects.ts';

async function openedAt(place: Place): Promise<Opened> {
  let inner: Database = await connect(place);
  return {
    database: settling(inner),
    async reopen() {
      await inner.close();
      inner = await connect(place);
      return settling(inner);
    },
    async close() {
      await inner.close();
      await place.close();
    },
  };
}

/** With a key of the environment the cloud; else a double that shows writes late, so that a read that does not wait is wrong. */
contractSuite(cloud() ? 'pinecone (cloud)' : 'pinecone (double)', {
  provider: 'pinecone',
  open: async () => openedAt(cloud() ?? (await startDouble({ staleMs: 2, missingIsNotEqual: false }))),
});
