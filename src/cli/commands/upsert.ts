import { VdbError } from '../../model/errors.ts';
import type { UpsertParams } from '../../protocol/methods/record.ts';
import type { CommandSpec } from '../command.ts';
import { calls } from '../input/calls.ts';
import { openInput } from '../input/inputFile.ts';
import { recordTexts } from '../input/records.ts';
import { positiveInteger, wholeNumber } from '../numbers.ts';
import { upsertCalls } from '../upsertCalls.ts';
import { PROGRESS } from './transferOptions.ts';

export const command: CommandSpec = {
  description:
    'Each record replaces the one of its id, if there is one. Input is read as it is written, so it may be endless. The first bad line stops unless --max-errors allows it; its number is told.',
  arguments: [
    { name: 'REF', help: 'collection; the active one otherwise' },
    { name: 'FILE', help: 'file, or - for stdin' },
  ],
  options: [
    {
      flags: '--format <format>',
      help: 'ndjson, or json for one array or object; else told by the first character',
      choices: ['ndjson', 'json'],
    },
    { flags: '--id-field <name>', help: 'member that holds the id; others become metadata' },
    { flags: '--vector-field <name>', help: 'member that holds the vector; others become metadata' },
    { flags: '--batch-size <n>', help: 'records a batch', parse: positiveInteger },
    {
      flags: '--max-errors <n>',
      help: 'bad lines to pass over; the exit status is 22 then',
      parse: wholeNumber,
      default: 0,
    },
    PROGRESS,
  ],
  dryRun: true,
  examples: [
    { command: 'vdb upsert prod/docs docs.ndjson', text: 'a file' },
    { command: 'vdb scan prod/docs | vdb upsert local/docs -', text: 'a copy' },
    {
      command: 'vdb upsert items.json --id-field sku --vector-field embedding',
      text: 'records in a shape of their own',
    },
  ],
  async run(context, args, { format, idField, vectorField, batchSize, maxErrors, progress }) {
    const [ref, file] = args.length > 1 ? args : [undefined, args[0]];
    if (file === undefined) throw new VdbError('usage', 'no input is named', { hint: 'Name a file, or - for stdin.' });
    const params: Omit<UpsertParams, 'lines' | 'firstLine'> = {
      target: context.target(ref),
      idField,
      vectorField,
      batchSize,
      maxErrors,
      dryRun: context.flags.dryRun ?? false,
    };
    const input = calls(recordTexts(await openInput(file), format));
    const result = await upsertCalls(context, params, input, context.progress(progress));
    await context.output.one(result, ['connection', 'collection', 'upserted', 'rejected', 'elapsedMs']);
    for (const { line, message } of result.errors) context.tell(`line ${line}: ${message}`);
    return result.rejected > 0 ? 22 : 0;
  },
};
