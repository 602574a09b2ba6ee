import weaviate from 'weaviate-client';

const [collection, vector] = process.argv.slice(2);
const { hostname, port } = new URL(process.env.URL);
const client = await weaviate.connectToCustom({
  httpHost: hostname,
  httpPort: Number(port),
  httpSecure: false,
  grpcHost: hostname,
  grpcPort: Number(process.env.GRPC_PORT),
  grpcSecure: false,
  authCredentials: new weaviate.ApiKey(process.env.SECRET),
});
const found = await client.collections
  .get(collection)
  .query.nearVector(JSON.parse(vector), { limit: 5, returnMetadata: ['distance'] });
console.log(JSON.stringify(found.objects));
await client.close();
