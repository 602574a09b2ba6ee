import pg from 'pg';

const [collection, vector] = process.argv.slice(2);
const url = new URL(process.env.URL);
url.password = process.env.SECRET;
const client = new pg.Client(url.href);
await client.connect();
const { rows } = await client.query(
  `SELECT id, metadata, document FROM ${collection} ORDER BY embedding <=> $1 LIMIT 5`,
  [vector],
);
console.log(JSON.stringify(rows));
await client.end();
