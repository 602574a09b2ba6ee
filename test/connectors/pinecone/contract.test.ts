import type { Database } from '../../../src/core/connector.ts';
import { contractSuite, type Opened } from '../../contract/contract.ts';
import { nativeText } from '../../contract/nativeText.ts';
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
    async stored(name) {
      const listed = await nativeText(inner, `${name} GET /vectors/list`);
      const { vectors } = JSON.parse(listed) as { vectors: { id: string }[] };
      const ids = vectors.map(({ id }) => `ids=${encodeURIComponent(id)}`);
      return nativeText(inner, `${name} GET /vectors/fetch?${ids.join('&')}`);
    },
    double: 'double' in place,
    async close() {
      await inner.close();
      await place.close();
    },
  };
}

/** With a key of the environment the cloud; else a double that shows writes late, so that a read that does not wait is wrong. */
contractSuite(cloud() ? 'pinecone (cloud)' : 'pinecone (double)', {
  provider: 'pinecone',
  facts: 'pinecone',
  open: async () => openedAt(cloud() ?? (await startDouble({ staleMs: 2, missingIsNotEqual: false }))),
});
