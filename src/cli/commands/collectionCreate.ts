import type { VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { METRICS, type Metric } from '../../model/metric.ts';
import { assignments } from '../assignments.ts';
import type { CommandSpec, OptionValues } from '../command.ts';
import { positiveInteger } from '../numbers.ts';
import { COLLECTION_FIELDS, shown } from './collectionFields.ts';

export const command: CommandSpec = {
  description: 'Prints the collection as the server made it; some change the spelling of its name.',
  arguments: [{ name: 'NAME', help: 'name, or a REF with a slash', required: true }],
  options: [
    { flags: '--dimension <n>', help: 'components of the unnamed vector', parse: positiveInteger },
    { flags: '--metric <metric>', help: 'how the unnamed vector is compared', choices: METRICS, default: 'cosine' },
    { flags: '--vector <name:dim:metric>', help: 'a named vector, may be given several times', repeat: true },
    { flags: '--index-option <key=value>', help: 'index setting of this database', repeat: true },
    { flags: '--partitioned', help: 'made of partitions (tenants), where the database wants that said beforehand' },
  ],
  dryRun: true,
  examples: [
    { command: 'vdb collection create docs --dimension 768 --metric cosine', text: 'one vector a record' },
    {
      command: 'vdb collection create prod/shop --vector title:384:cosine --vector image:512:dot',
      text: 'two, by name',
    },
  ],
  async run(context, [name], options) {
    const target = context.collection(name);
    const spec = {
      name: target.collection!,
      vectors: vectorsOf(options),
      indexOptions: assignments(options.indexOption ?? [], '--index-option'),
      ...(options.partitioned ? { partitioned: true } : {}),
    };
    const dryRun = context.flags.dryRun ?? false;
    const made = await context.call('collection.create', { target, spec, dryRun });
    await context.output.one(shown(made, context), COLLECTION_FIELDS);
    return 0;
  },
};

function vectorsOf({ dimension, metric, vector = [] }: OptionValues): VectorSpec[] {
  const named = (vector as string[]).map(parseVector);
  if (dimension !== undefined) named.unshift(dense('', dimension, metric));
  if (named.length === 0) {
    throw new VdbError('usage', 'no vector is described', { hint: 'Give --dimension N, or --vector NAME:DIM:METRIC.' });
  }
  return named;
}

function parseVector(text: string): VectorSpec {
  const parts = text.split(':');
  const [name, dimension, metric = 'cosine'] = parts;
  if (parts.length < 2 || parts.length > 3 || name === '' || !(METRICS as readonly string[]).includes(metric)) {
    throw new VdbError('usage', `--vector '${text}' is not NAME:DIM:METRIC`, { hint: 'Write it as title:384:cosine.' });
  }
  return dense(name!, positiveInteger(dimension!), metric as Metric);
}

function dense(name: string, dimension: number, metric: Metric): VectorSpec {
  return { name, kind: 'dense', dimension, metric, element: 'f32' };
}
