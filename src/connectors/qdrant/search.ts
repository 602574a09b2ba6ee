import type { Call, SearchRequest, SearchResult } from '../../core/connector.ts';
import { filterJson } from './filterJson.ts';
import type { Layout } from './layout.ts';
import { neutral } from './metrics.ts';
import { PointReader } from './pointReader.ts';
import { queryJson } from './vectorJson.ts';
import { wantJson } from './wantJson.ts';
import { type Client, pathOf } from './wire/client.ts';

export async function search(
  client: Client,
  layout: Layout,
  request: SearchRequest,
  call: Call,
): Promise<SearchResult> {
  const metric = layout.vectors.find(({ name }) => name === request.using)?.metric ?? null;
  const body = [
    `"query":${queryJson(request.vector)}`,
    `"limit":${request.k}`,
    wantJson(layout, request.want),
    ...(request.using === '' ? [] : [`"using":${JSON.stringify(request.using)}`]),
    ...(request.filter ? [`"filter":${filterJson(layout, request.filter)}`] : []),
  ];
  const path = pathOf('collections', layout.name, 'points', 'query');
  const text = await client.send('POST', path, `{${body.join(',')}}`, call);
  const { batch, scores } = new PointReader(layout, request.want).read(text);
  const rawScores = Float64Array.from(scores);
  return { batch, scores: rawScores.map(score => neutral(metric, score)), rawScores };
}
