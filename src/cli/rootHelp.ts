import type { Command } from 'commander';
import { VERSION } from '../version.ts';
import { COMMANDS, GROUPS } from './commandTable.ts';
import { bare, run, type Shown } from './parse.ts';

/**
 * For command lines that name no command: help of the whole, or of a group, from the table alone.
 * Throws `usage`, with the nearest name, for a word that is no command.
 */
export function rootHelp(words: readonly string[], rest: readonly string[]): Shown {
  const group = words[0] !== undefined && words[0] in GROUPS ? words[0] : undefined;
  const program = bare(group === undefined ? 'vdb' : `vdb ${group}`)
    .helpCommand(false)
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command');
  for (const name of namesBelow(group)) program.addCommand(bare(name).action(() => undefined));
  overrideHelp(program, group);
  const wrong = words.slice(group === undefined ? 0 : 1, group === undefined ? 1 : 2);
  if (wrong.length > 0) return run(program, wrong)!;
  const unknown = rest.filter(word => word.startsWith('-') && word !== '-h' && word !== '--help');
  return run(program, unknown.length > 0 ? unknown : ['--help'])!;
}

function namesBelow(group: string | undefined): Set<string> {
  if (group === undefined) return new Set(COMMANDS.map(({ path }) => path[0]!));
  return new Set(COMMANDS.filter(({ path }) => path[0] === group).map(({ path }) => path[1]!));
}

function overrideHelp(program: Command, group: string | undefined): void {
  program.helpInformation = () => (group === undefined ? wholeHelp() : groupHelp(group));
}

function wholeHelp(): string {
  return `Usage: vdb [options] COMMAND

Manage, query and move data between many vector databases, and prove that nothing was lost.

Commands:
${list(COMMANDS)}

Options:
  -h, --help     explain a command
  -V, --version  print the version

'vdb COMMAND --help' explains a command and lists the global options, which may stand anywhere.
Topics: vdb help environment | exit-codes | filters | refs | formatting
`;
}

function groupHelp(group: string): string {
  return `Usage: vdb ${group} COMMAND

${GROUPS[group]}.

Commands:
${list(COMMANDS.filter(({ path }) => path[0] === group))}

'vdb ${group} COMMAND --help' explains a command.
`;
}

function list(commands: typeof COMMANDS): string {
  const width = Math.max(...commands.map(({ path }) => path.join(' ').length));
  return commands.map(({ path, summary }) => `  ${path.join(' ').padEnd(width)}  ${summary}`).join('\n');
}
