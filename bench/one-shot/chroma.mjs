import { ChromaClient } from 'chromadb';

const [name, vector] = process.argv.slice(2);
const { hostname: host, port } = new URL(process.env.URL);
const client = new ChromaClient({ host, port: Number(port), ssl: false });
const collection = await client.getCollection({ name, embeddingFunction: null });
console.log(JSON.stringify(await collection.query({ queryEmbeddings: [JSON.parse(vector)], nResults: 5 })));
