import { float32sText } from '../../src/model/float32.ts';
import { closeConnections, send } from './http.ts';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique, uuidOf } from './technique.ts';

interface Point {
  vector: number[];
  payload: { key: string; document: string; metadata: object };
}

interface Scrolled {
  result: { points: Point[]; next_page_offset: string | null };
}

/** REST with floats of the fewest digits; scroll, the next page on its way while one is read. Ids are UUIDs made of the text. */
export const open: OpenTechnique = async (place, name) => {
  const root = `${place.options.url}/collections/${name}`;
  const headers: Record<string, string> = place.secrets.apiKey ? { 'api-key': place.secrets.apiKey } : {};
  await send('PUT', root, `{"vectors":{"size":${DIMENSION},"distance":"Cosine"}}`, headers);
  return {
    write: (batches, most) =>
      inFlight(batches, most, cities => send('PUT', `${root}/points?wait=true`, encode(cities), headers)),
    async read(limit) {
      const page = (offset?: string): Promise<string> =>
        send(
          'POST',
          `${root}/points/scroll`,
          JSON.stringify({ limit, offset, with_payload: true, with_vector: true }),
          headers,
        );
      const pages: Cities[] = [];
      for (let next: Promise<string> | undefined = page(); next !== undefined; ) {
        const { result } = JSON.parse(await next) as Scrolled;
        next = result.next_page_offset === null ? undefined : page(result.next_page_offset);
        pages.push(decode(result.points));
      }
      return pages;
    },
    drop: async () => void (await send('DELETE', root, undefined, headers)),
    close: async () => closeConnections(),
  };
};

function encode(cities: Cities): string {
  const points: string[] = [];
  for (let row = 0; row < cities.count; row++) {
    const id = cities.ids[row]!;
    const payload = `{"key":${JSON.stringify(id)},"document":${JSON.stringify(cities.documents[row])},"metadata":${cities.metadata[row]}}`;
    const vector = float32sText(cities.vectors, row * DIMENSION, (row + 1) * DIMENSION);
    points.push(`{"id":"${uuidOf(id)}","vector":[${vector}],"payload":${payload}}`);
  }
  return `{"points":[${points.join(',')}]}`;
}

function decode(points: Point[]): Cities {
  const cities = noCities(points.length);
  points.forEach(({ vector, payload }, row) => {
    cities.vectors.set(vector, row * DIMENSION);
    cities.ids[row] = payload.key;
    cities.documents[row] = payload.document;
    cities.metadata[row] = payload.metadata;
  });
  return cities;
}
