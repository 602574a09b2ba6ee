import neo4j from 'neo4j-driver';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique } from './technique.ts';

/** UNWIND … MERGE and setNodeVectorProperty, under a unique constraint and before the vector index; pages behind the last id. */
export const open: OpenTechnique = async (place, label) => {
  const { url, user } = place.options;
  const auth = neo4j.auth.basic(String(user), place.secrets.password!);
  const driver = neo4j.driver(String(url), auth, { disableLosslessIntegers: true });
  const run = async (statement: string, params = {}) => (await driver.executeQuery(statement, params)).records;
  await run(`CREATE CONSTRAINT ${label}_id FOR (n:${label}) REQUIRE n.id IS UNIQUE`);
  return {
    write: (batches, most) =>
      inFlight(batches, most, async cities => {
        const session = driver.session();
        await session.run(
          `UNWIND $rows AS r MERGE (n:${label} {id: r.p.id}) SET n = r.p WITH n, r
          CALL db.create.setNodeVectorProperty(n, 'embedding', r.v)`,
          { rows: rowsOf(cities) },
        );
        await session.close();
      }),
    async read(batch) {
      const pages: Cities[] = [];
      const page = (after: string) =>
        run(`MATCH (n:${label}) WHERE n.id > $after RETURN properties(n) ORDER BY n.id LIMIT ${batch}`, { after });
      for (let next = page(''); ; ) {
        const rows = (await next).map(row => row.get(0) as Record<string, unknown>);
        if (rows.length === 0) break;
        next = page(rows.at(-1)!.id as string);
        pages.push(decode(rows));
      }
      return pages;
    },
    async drop() {
      await driver.session().run(`MATCH (n:${label}) CALL { WITH n DELETE n } IN TRANSACTIONS`);
      await run(`DROP CONSTRAINT ${label}_id`);
    },
    close: () => driver.close(),
  };
};

function rowsOf(cities: Cities): object[] {
  const rows: object[] = [];
  for (let row = 0; row < cities.count; row++) {
    const p = JSON.parse(cities.metadata[row] as string);
    // A JavaScript number is a float to the driver.
    for (const key of ['population', 'geonameId']) p[key] = neo4j.int(p[key]);
    p.id = cities.ids[row];
    p.document = cities.documents[row];
    rows.push({ p, v: Array.from(cities.vectors.subarray(row * DIMENSION, (row + 1) * DIMENSION)) });
  }
  return rows;
}

function decode(rows: Record<string, unknown>[]): Cities {
  const cities = noCities(rows.length);
  rows.forEach(({ id, embedding, document, ...metadata }, row) => {
    cities.ids[row] = id as string;
    cities.vectors.set(embedding as number[], row * DIMENSION);
    cities.documents[row] = document as string;
    cities.metadata[row] = metadata;
  });
  return cities;
}
