import { QdrantClient } from '@qdrant/js-client-rest';

const [collection, vector] = process.argv.slice(2);
const client = new QdrantClient({ url: process.env.URL, apiKey: process.env.SECRET });
const found = await client.query(collection, { query: JSON.parse(vector), limit: 5, with_payload: true });
console.log(JSON.stringify(found.points));
