import { VdbError } from '../../model/errors.ts';
import type { WithPart } from '../../protocol/methods/shared.ts';
import type { CommandSpec } from '../command.ts';
import { vectorFrom } from '../input/vector.ts';
import { finiteNumber, positiveInteger } from '../numbers.ts';
import { ID_TYPE, recordFields, WHERE, withOption } from './recordOptions.ts';

const DEFAULT_PARTS: WithPart[] = ['metadata', 'document'];

export const command: CommandSpec = {
  description:
    'Every hit has `score`, higher is better: cosine similarity, dot product, or minus the euclidean distance; `rawScore` is what the database said.',
  arguments: [{ name: 'REF', help: 'collection; the active one otherwise' }],
  options: [
    { flags: '--vector <json>', help: 'vector as JSON, @FILE, or - for stdin' },
    { flags: '--id <id>', help: "this record's vector; the record itself is left out" },
    ID_TYPE,
    { flags: '-k, --limit <n>', help: 'how many hits', parse: positiveInteger, default: 10 },
    WHERE,
    { flags: '--using <vector>', help: 'name of the vector searched' },
    withOption('metadata,document by default'),
    { flags: '--min-score <score>', help: 'only hits of at least this score', parse: finiteNumber },
  ],
  examples: [
    { command: "vdb query prod/docs --vector '[0.1,0.2,0.3]' -k 5", text: 'the five nearest' },
    { command: 'vdb query --id 7 --where \'lang = "de"\' --with none', text: 'ids of records like record 7' },
    { command: 'embed "red shoes" | vdb query --vector -', text: 'a vector from another program' },
  ],
  async run(context, [ref], options) {
    const { id, idType, limit: k, where, using, with: parts = DEFAULT_PARTS, minScore } = options;
    if ((options.vector === undefined) === (id === undefined)) {
      throw new VdbError('usage', 'a query needs exactly one of --vector and --id');
    }
    const vector = options.vector === undefined ? undefined : await vectorFrom(options.vector);
    const params = { target: context.target(ref), vector, id, idType, k, where, using, with: parts, minScore };
    await context.stream('record.query', params, context.output.rows(recordFields(parts, true)));
    return 0;
  },
};
