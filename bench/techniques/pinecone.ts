import { float32sText } from '../../src/model/float32.ts';
import { closeConnections, send } from './http.ts';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique } from './technique.ts';

/** What one request may carry. */
const BODY_BYTES = 2 * 1000 * 1000;
/** Ids of one page of a listing, and of one fetch. */
const PAGE = 100;
/** Fetches under way at once; an index takes 100 a second. */
const LANES = 4;

interface Vectors {
  vectors: Record<string, { values: number[]; metadata: Record<string, unknown> }>;
}

interface Listed {
  vectors: { id: string }[];
  pagination?: { next: string };
}

/** Requests of nearly 2 MB with floats of the fewest digits; ids by listing, each page fetched while the next one is listed. */
export const open: OpenTechnique = async (place, name) => {
  const headers = { 'api-key': place.secrets.apiKey!, 'x-pinecone-api-version': '2026-07' };
  const control = `${place.options.controllerUrl}/indexes`;
  const schema = { fields: { _values: { type: 'dense_vector', dimension: DIMENSION, metric: 'cosine' } } };
  const deployment = { deployment_type: 'managed', cloud: 'aws', region: 'us-east-1' };
  await send('POST', control, JSON.stringify({ name, schema, deployment }), headers);
  const { host } = JSON.parse(await send('GET', `${control}/${name}`, undefined, headers)) as { host: string };
  return {
    write: (batches, most) =>
      inFlight(batches, most, async cities => {
        for (const body of bodies(cities)) await send('POST', `${host}/vectors/upsert`, body, headers);
      }),
    async read() {
      const pages: Promise<Cities>[] = [];
      for (let token: string | undefined = ''; token !== undefined; ) {
        const query: string = token === '' ? '' : `&paginationToken=${encodeURIComponent(token)}`;
        const listed: string = await send('GET', `${host}/vectors/list?limit=${PAGE}${query}`, undefined, headers);
        const { vectors, pagination } = JSON.parse(listed) as Listed;
        const ids = vectors.map(({ id }) => `ids=${encodeURIComponent(id)}`).join('&');
        await pages.at(-LANES);
        pages.push(send('GET', `${host}/vectors/fetch?${ids}`, undefined, headers).then(decode));
        token = pagination?.next;
      }
      return Promise.all(pages);
    },
    drop: async () => void (await send('DELETE', `${control}/${name}`, undefined, headers)),
    close: async () => closeConnections(),
  };
};

function* bodies(cities: Cities): Generator<string> {
  let parts: string[] = [];
  let bytes = 0;
  for (let row = 0; row < cities.count; row++) {
    // A list has to hold something.
    const kept = (cities.metadata[row] as string).replace(',"alsoKnownAs":[]', '');
    const metadata = `${kept.slice(0, -1)},"text":${JSON.stringify(cities.documents[row])}}`;
    const values = float32sText(cities.vectors, row * DIMENSION, (row + 1) * DIMENSION);
    const part = `{"id":"${encodeURIComponent(cities.ids[row]!)}","values":[${values}],"metadata":${metadata}}`;
    const size = Buffer.byteLength(part) + 1;
    if (bytes + size > BODY_BYTES) {
      yield `{"vectors":[${parts.join(',')}]}`;
      [parts, bytes] = [[], 0];
    }
    parts.push(part);
    bytes += size;
  }
  yield `{"vectors":[${parts.join(',')}]}`;
}

function decode(text: string): Cities {
  const entries = Object.entries((JSON.parse(text) as Vectors).vectors);
  const cities = noCities(entries.length);
  entries.forEach(([id, { values, metadata }], row) => {
    const { text: document, ...rest } = metadata;
    // An id is ASCII.
    cities.ids[row] = decodeURIComponent(id);
    cities.vectors.set(values, row * DIMENSION);
    cities.metadata[row] = { alsoKnownAs: [], ...rest };
    cities.documents[row] = document as string;
  });
  return cities;
}
