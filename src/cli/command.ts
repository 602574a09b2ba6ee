import type { CommandContext } from './context.ts';

/** A positional argument. Optional unless `required`; the last one may be `variadic`. */
export interface ArgumentSpec {
  /** As help shows it: `REF`, `NAME`, `FILE`. */
  name: string;
  help: string;
  required?: boolean;
  variadic?: boolean;
}

export interface OptionSpec {
  /** `-k, --limit <n>`; `<…>` takes a value, without it a switch; `--no-x` is a switch that is on by default. */
  flags: string;
  help: string;
  choices?: readonly string[];
  /** Text as typed → value; throws VdbError `usage`. */
  parse?: (text: string) => unknown;
  /** May be given several times; the value is an array. */
  repeat?: boolean;
  /** Known only to be refused; no help lists it. */
  hidden?: boolean;
  default?: string | number | boolean;
}

export interface Example {
  command: string;
  text: string;
}

/** What a command's file exports; help, man pages and completion come from the same fields. */
export interface CommandSpec {
  /** Sentences below the summary. */
  description?: string;
  arguments?: readonly ArgumentSpec[];
  options?: readonly OptionSpec[];
  examples: readonly Example[];
  /** Changes data, so `--dry-run` must mean something to it. */
  dryRun?: boolean;
  /** Signals are the command's own matter: it ends when what it runs has ended. */
  handlesSignals?: boolean;
  /** Resolves to the exit status, nothing for 0. `args` are as typed, an absent optional one undefined. */
  run(context: CommandContext, args: readonly string[], options: OptionValues): Promise<number | undefined>;
}

/** camelCase name → value. Only the command that declared an option knows its type. */
// biome-ignore lint/suspicious/noExplicitAny: each command casts its own options, declared just above its run
export type OptionValues = Record<string, any>;

/** One row of the command table; the body is loaded only for the command that was typed. */
export interface CommandEntry {
  /** `['profile', 'add']` */
  path: readonly string[];
  /** Other words for the same command. */
  aliases?: readonly string[];
  /** One line, imperative, without a full stop. */
  summary: string;
  load(): Promise<{ command: CommandSpec }>;
}
