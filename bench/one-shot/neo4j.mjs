import neo4j from 'neo4j-driver';

const [label, vector] = process.argv.slice(2);
const driver = neo4j.driver(process.env.URL, neo4j.auth.basic(process.env.USERNAME, process.env.SECRET));
const { records } = await driver.executeQuery(
  `CALL db.index.vector.queryNodes($index, 5, $vector) YIELD node, score RETURN node {.*, embedding: null} AS node, score`,
  { index: `vdb:${label}/`, vector: JSON.parse(vector) },
);
console.log(JSON.stringify(records.map(row => row.toObject())));
await driver.close();
