import { VdbError } from '../../model/errors.ts';
import { assignments, jsonText } from '../assignments.ts';
import type { CommandSpec } from '../command.ts';
import { ID_TYPE, WHERE } from './recordOptions.ts';

export const command: CommandSpec = {
  description:
    'Changes only these keys of the metadata; vectors, document and other keys stay. With --where, every matching record is found by a scan first and then changed by its id. When an id is missing the exit status is 66.',
  arguments: [{ name: 'ID', help: 'ids of records', variadic: true }],
  options: [
    { flags: '--set <key=value>', help: 'set a key to a value: JSON if it parses, else a string', repeat: true },
    { flags: '--unset <key>', help: 'remove a key', repeat: true },
    ID_TYPE,
    WHERE,
  ],
  dryRun: true,
  examples: [
    { command: 'vdb update 7 8 --collection docs --set reviewed=true --unset draft', text: 'by id' },
    { command: "vdb update --where 'year < 2001' --set 'tags=[\"old\"]' --dry-run", text: 'how many would change' },
  ],
  async run(context, ids, { set = [], unset = [], idType, where }) {
    if (ids.length > 0 === (where !== undefined)) {
      throw new VdbError('usage', 'update takes exactly one of ids and --where');
    }
    if (set.length + unset.length === 0) {
      throw new VdbError('usage', 'nothing is to be changed', { hint: 'Give --set KEY=VALUE or --unset KEY.' });
    }
    const texts = Object.entries(assignments(set, '--set')).map(([key, value]) => [key, jsonText(value)]);
    // No message may carry this key, because many readers of JSON mistake it.
    if (texts.some(([key]) => key === '__proto__')) {
      throw new VdbError('unsupported', "update cannot set the key '__proto__'", {
        hint: 'Write the whole record with upsert, which can.',
      });
    }
    const which = where === undefined ? { ids: [...new Set(ids)], idType } : { where };
    const dryRun = context.flags.dryRun ?? false;
    const result = await context.call('record.update', {
      target: context.target(),
      ...which,
      set: Object.fromEntries(texts),
      unset,
      dryRun,
    });
    await context.output.one(result);
    if (result.residual !== undefined) context.note(`checked by vdb, record by record: ${result.residual}`);
    const asked = which.ids?.length ?? 0;
    const found = dryRun ? (result.matched ?? asked) : result.updated;
    if (found >= asked) return 0;
    throw new VdbError('not_found', `${asked - found} of ${asked} records do not exist`, {
      outcome: dryRun || found === 0 ? 'not_applied' : 'partially_applied',
      hint: "'vdb get' tells which.",
    });
  },
};
