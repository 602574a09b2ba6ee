import { VdbError } from '../../model/errors.ts';
import { parseFilter } from '../../model/filter/parse.ts';
import type { WithPart } from '../../protocol/methods/shared.ts';
import type { OptionSpec } from '../command.ts';

const PARTS: readonly WithPart[] = ['vectors', 'metadata', 'document'];

/** Parsed here too, so that a faulty filter contacts nothing. */
export const WHERE: OptionSpec = {
  flags: '--where <filter>',
  help: "only records that match (see 'vdb help filters')",
  parse: text => {
    parseFilter(text);
    return text;
  },
};

export const ID_TYPE: OptionSpec = {
  flags: '--id-type <type>',
  help: 'kind of the ids given; the one that the collection holds otherwise',
  choices: ['string', 'int', 'uuid'],
};

/** `--with vectors,metadata`; 'none' leaves only ids. */
export function withOption(otherwise: string): OptionSpec {
  return {
    flags: '--with <parts>',
    help: `parts of records: vectors,metadata,document or none; ${otherwise}`,
    parse: parseWith,
  };
}

export const ALL_PARTS: WithPart[] = [...PARTS];

/** Columns of records in tables and CSV, by the parts asked for; `scored` for hits. */
export function recordFields(parts: readonly WithPart[], scored: boolean): string[] {
  return [
    'id',
    ...(scored ? ['score'] : []),
    ...(parts.includes('document') ? ['document'] : []),
    ...(parts.includes('metadata') ? ['metadata'] : []),
    ...(parts.includes('vectors') ? ['vector', 'vectors'] : []),
  ];
}

function parseWith(text: string): WithPart[] {
  if (text === 'none') return [];
  const parts = text.split(',').filter(part => part !== '');
  const wrong = parts.find(part => !(PARTS as readonly string[]).includes(part));
  if (wrong === undefined && parts.length > 0) return parts as WithPart[];
  throw new VdbError('usage', `--with '${text}' is not a list of parts`, {
    hint: `Give some of ${PARTS.join(',')}, or none.`,
  });
}
