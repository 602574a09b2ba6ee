import { Command, type CommanderError, Option } from 'commander';
import { VdbError } from '../model/errors.ts';
import { VERSION } from '../version.ts';
import type { CommandEntry, CommandSpec, OptionSpec, OptionValues } from './command.ts';
import { GLOBAL_OPTIONS, type GlobalValues } from './globalOptions.ts';

export interface Parsed {
  args: string[];
  options: OptionValues;
  flags: GlobalValues;
}

/** `--help` and `--version`: text to print instead of running anything. */
export class Shown {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Parses the words behind the command's name. Throws VdbError `usage`. */
export function parse(entry: CommandEntry, spec: CommandSpec, words: readonly string[]): Parsed | Shown {
  // Without an option among the words none needs registering: that is half of what parsing takes of a short command.
  const command = words.some(word => word.startsWith('-') && word !== '-')
    ? commandFor(entry, spec)
    : withArguments(entry, spec);
  const shown = run(command, words);
  if (shown) return shown;
  const values = command.opts();
  return {
    args: command.args,
    options: valuesOf(spec.options ?? [], values),
    flags: valuesOf(GLOBAL_OPTIONS, values) as GlobalValues,
  };
}

/** The command as commander knows it: its own options first, then the global ones. */
export function commandFor(entry: CommandEntry, spec: CommandSpec): Command {
  const command = withArguments(entry, spec);
  command.description([`${entry.summary}.`, spec.description].filter(Boolean).join('\n\n'));
  for (const option of spec.options ?? []) command.addOption(optionFor(option));
  command.optionsGroup('Global options:');
  for (const option of GLOBAL_OPTIONS) command.addOption(optionFor(option));
  command.helpOption('-h, --help', 'explain this command').version(VERSION, '-V, --version', 'print the version');
  const examples = spec.examples.map(({ command: line, text }) => `  $ ${line}\n      ${text}`);
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`);
  return command;
}

function withArguments(entry: CommandEntry, spec: CommandSpec): Command {
  const command = bare(`vdb ${entry.path.join(' ')}`);
  for (const { name, help, required, variadic } of spec.arguments ?? []) {
    const inner = variadic ? `${name}...` : name;
    command.argument(required ? `<${inner}>` : `[${inner}]`, help);
  }
  return command;
}

/** What was given for these options, else their defaults. */
function valuesOf(specs: readonly OptionSpec[], given: OptionValues): OptionValues {
  const values: OptionValues = {};
  for (const spec of specs) {
    const [, no, long] = /--(no-)?([a-z-]+)/.exec(spec.flags)!;
    const name = long!.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = given[name] ?? spec.default ?? (no ? true : undefined);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** A command that throws instead of exiting, and prints nothing itself. */
export function bare(name: string): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .allowExcessArguments(false);
}

/** Runs commander's parser; what it wanted to print on stdout is the result. */
export function run(command: Command, words: readonly string[]): Shown | undefined {
  let text = '';
  command.configureOutput({
    writeOut: part => {
      text += part;
    },
    getOutHelpWidth: () => 100,
  });
  try {
    command.parse(words, { from: 'user' });
  } catch (error) {
    if (!isCommanderError(error)) throw error;
    if (error.exitCode === 0) return new Shown(text);
    throw asUsage(error, command.name());
  }
  return undefined;
}

function optionFor(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.help);
  if (spec.choices) option.choices(spec.choices);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.hidden) option.hideHelp();
  const { parse } = spec;
  if (spec.repeat) {
    option.argParser((text, before: unknown[] | undefined) => [...(before ?? []), parse ? parse(text) : text]);
  } else if (parse) option.argParser(parse);
  return option;
}

function isCommanderError(error: unknown): error is CommanderError {
  return (
    error instanceof Error && 'exitCode' in error && String((error as CommanderError).code).startsWith('commander.')
  );
}

/** Commander's message in the form of all others; a value glued to an unknown option may be a secret and is left out. */
function asUsage(error: CommanderError, name: string): VdbError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const message = first.replace(/(unknown option '[^'=]*)=.*'/, "$1'").replace(/\.$/, '');
  const suggestion = /\(Did you mean (.*)\?\)/.exec(rest.join(' '));
  return new VdbError('usage', message, {
    hint: suggestion ? `Did you mean ${suggestion[1]}?` : `See '${name} --help'.`,
  });
}
