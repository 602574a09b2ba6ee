import { closeConnections, send } from './http.ts';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique } from './technique.ts';

const INCLUDE = ['embeddings', 'metadatas', 'documents'];

interface Answer {
  ids: string[];
  embeddings: number[][];
  metadatas: object[];
  documents: string[];
}

/** `upsert` with base64 vectors; `get` by pages of JSON, the next one on its way while one is read. */
export const open: OpenTechnique = async (place, name) => {
  const root = `${place.options.url}/api/v2/tenants/default_tenant/databases/default_database/collections`;
  const post = (path: string, body: string): Promise<string> => send('POST', `${root}${path}`, body);
  const configuration = { hnsw: { space: 'cosine' } };
  const { id } = JSON.parse(await post('', JSON.stringify({ name, configuration }))) as { id: string };
  return {
    write: (batches, most) => inFlight(batches, most, cities => post(`/${id}/upsert`, encode(cities))),
    async read(limit) {
      const page = (offset: number): Promise<string> =>
        post(`/${id}/get`, JSON.stringify({ limit, offset, include: INCLUDE }));
      const pages: Cities[] = [];
      let next = page(0);
      for (let offset = limit; ; offset += limit) {
        const text = await next;
        next = page(offset);
        const answer = JSON.parse(text) as Answer;
        if (answer.ids.length === 0) break;
        pages.push(decode(answer));
      }
      await next;
      return pages;
    },
    drop: async () => void (await send('DELETE', `${root}/${name}`)),
    close: async () => closeConnections(),
  };
};

function encode(cities: Cities): string {
  const bytes = Buffer.from(cities.vectors.buffer, cities.vectors.byteOffset);
  const embeddings: string[] = [];
  for (let row = 0; row < cities.count; row++)
    embeddings.push(bytes.toString('base64', row * DIMENSION * 4, (row + 1) * DIMENSION * 4));
  return `{"ids":${JSON.stringify(cities.ids)},"embeddings":${JSON.stringify(embeddings)},"metadatas":[${cities.metadata.join(',')}],"documents":${JSON.stringify(cities.documents)}}`;
}

function decode({ ids, embeddings, metadatas, documents }: Answer): Cities {
  // An empty list is not kept.
  const metadata = metadatas.map(object => ({ alsoKnownAs: [], ...object }));
  const cities = { ...noCities(ids.length), ids, metadata, documents };
  embeddings.forEach((vector, row) => {
    cities.vectors.set(vector, row * DIMENSION);
  });
  return cities;
}
