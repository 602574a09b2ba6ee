import { type Facts, readFacts } from '../test/contract/facts.ts';

/** Columns of docs/capabilities.md and docs/fidelity.md: file of the facts → head. */
const HEADS = {
  lancedb: 'lancedb',
  'pgvector-pglite': 'pgvector (PGlite)',
  'pgvector-server': 'pgvector (server)',
  chroma: 'chroma',
  weaviate: 'weaviate',
  neo4j: 'neo4j',
  qdrant: 'qdrant',
  pinecone: 'pinecone',
};

export interface Column {
  head: string;
  facts: Facts;
}

export function factColumns(): Column[] {
  return Object.entries(HEADS).map(([file, head]) => ({ head, facts: readFacts(file) }));
}

/** A Markdown table with a cell for each column; `first` stands over the names of the rows. */
export function table(
  columns: Column[],
  first: string,
  rows: [name: string, cell: (facts: Facts) => string][],
): string {
  const line = (cells: string[]) => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line([first, ...columns.map(({ head }) => head)]),
    `|${'---|'.repeat(columns.length + 1)}`,
    ...rows.map(([name, cell]) => line([name, ...columns.map(({ facts }) => cell(facts))])),
  ].join('\n');
}

/** What the pages have in common: where the answers come from. */
export function origin(columns: Column[]): string {
  return table(columns, '', [['taken from', ({ ranAgainst }) => ranAgainst]]);
}
