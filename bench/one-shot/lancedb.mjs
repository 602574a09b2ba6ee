import { connect } from '@lancedb/lancedb';

const [collection, vector] = process.argv.slice(2);
const table = await (await connect('lance')).openTable(collection);
const found = await table.vectorSearch(JSON.parse(vector)).distanceType('cosine').limit(5).toArray();
console.log(JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
