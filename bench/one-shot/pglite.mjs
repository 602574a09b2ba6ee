import { PGlite } from '@electric-sql/pglite';
import { vector as pgvector } from '@electric-sql/pglite-pgvector';

const [collection, vector] = process.argv.slice(2);
const db = await PGlite.create('pglite', { extensions: { vector: pgvector } });
const { rows } = await db.query(`SELECT id, metadata, document FROM ${collection} ORDER BY embedding <=> $1 LIMIT 5`, [
  vector,
]);
console.log(JSON.stringify(rows));
await db.close();
