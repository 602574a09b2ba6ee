import type { CommandEntry } from './command.ts';
import { commandOf, GROUPS } from './commandTable.ts';
import { GLOBAL_OPTIONS } from './globalOptions.ts';

export interface Located {
  /** Undefined when no command was typed, or none of that name. */
  entry?: CommandEntry;
  /** The command words as typed: `['profile', 'add']`. */
  words: string[];
  /** Everything else, in order. */
  rest: string[];
}

/** Names of global options that take the next word as their value. */
const TAKES_VALUE = new Set(
  GLOBAL_OPTIONS.filter(option => option.flags.includes('<')).flatMap(
    option => option.flags.match(/--?[a-z-]+/g) ?? [],
  ),
);

/**
 * Finds the command among the words, looking past global options, which may stand anywhere.
 * Done ahead of parsing, so that only that one command is loaded and registered.
 */
export function locate(argv: readonly string[]): Located {
  const words: string[] = [];
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--' || words.length === 2 || (words.length === 1 && !(words[0]! in GROUPS))) {
      rest.push(...argv.slice(i));
      break;
    }
    if (word.startsWith('-') && word !== '-') {
      rest.push(word);
      if (takesNext(word) && i + 1 < argv.length) rest.push(argv[++i]!);
    } else words.push(word);
  }
  const entry = commandOf(words);
  return entry ? { entry, words, rest } : { words, rest };
}

function takesNext(word: string): boolean {
  if (word.startsWith('--')) return TAKES_VALUE.has(word);
  for (let i = 1; i < word.length; i++) {
    if (TAKES_VALUE.has(`-${word[i]}`)) return i === word.length - 1;
  }
  return false;
}

/** The output format asked for on the command line, however broken the rest of it is. */
export function askedFormat(argv: readonly string[]): string | undefined {
  let format: string | undefined;
  for (let i = 0; i < argv.length && argv[i] !== '--'; i++) {
    const word = argv[i]!;
    if (word === '--json') format = 'json';
    else if (word === '-o' || word === '--output') format = argv[i + 1];
    else if (word.startsWith('--output=')) format = word.slice('--output='.length);
    else if (/^-o./.test(word)) format = word.slice(2).replace(/^=/, '');
  }
  return format;
}
