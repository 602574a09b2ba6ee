/** Serves a test double until its standard input ends, and prints where: `double.ts qdrant|pinecone`. */
import { PineconeDouble } from '../test/doubles/pinecone/pineconeDouble.ts';
import { startQdrant } from '../test/doubles/qdrant/server.ts';

const apiKey = 'key-of-the-double';
const start = process.argv[2] === 'qdrant' ? startQdrant : (options: object) => new PineconeDouble(options).start();
const { url } = await start({ apiKey });
process.stdout.write(`${JSON.stringify({ url, apiKey })}\n`);
process.stdin.resume().on('end', () => process.exit());
