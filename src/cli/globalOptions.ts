import type { OptionSpec } from './command.ts';
import { parseDuration } from './duration.ts';
import { FORMATS, type Format } from './output/format.ts';

/** Options that every command takes, in any place on the command line. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '-c, --connection <name>', help: 'connection or profile to use' },
  { flags: '--collection <name>', help: 'collection to use' },
  { flags: '--partition <name>', help: 'partition to use' },
  { flags: '-o, --output <format>', help: 'how stdout is written', choices: FORMATS },
  { flags: '--json', help: 'same as --output json' },
  {
    flags: '--fields <list>',
    help: 'only these fields, as a,b.c',
    parse: text => text.split(',').filter(name => name !== ''),
  },
  { flags: '--no-headers', help: 'leave out the header line of tables and CSV' },
  { flags: '-q, --quiet', help: 'no messages and no progress' },
  { flags: '-v, --verbose', help: 'say more on stderr' },
  { flags: '--no-color', help: 'no colours' },
  { flags: '--timeout <duration>', help: 'deadline of the whole call: 500ms, 30s, 5m', parse: parseDuration },
  { flags: '--session <name>', help: "session to use, 'default' otherwise" },
  { flags: '-y, --yes', help: 'answer yes to confirmations' },
  { flags: '-n, --dry-run', help: 'tell what would be done, and do nothing' },
  { flags: '--no-start', help: 'fail when no daemon is running instead of starting one' },
  { flags: '--no-daemon', help: 'work in a process of its own that ends with the command' },
  { flags: '--no-input', help: 'never ask' },
];

/** Parsed global options. */
export interface GlobalValues {
  connection?: string;
  collection?: string;
  partition?: string;
  output?: Format;
  json?: boolean;
  fields?: string[];
  headers: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color: boolean;
  /** Milliseconds. */
  timeout?: number;
  session?: string;
  yes?: boolean;
  dryRun?: boolean;
  start: boolean;
  daemon: boolean;
  input: boolean;
}
