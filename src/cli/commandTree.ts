import type { ArgumentSpec, Example, OptionSpec } from './command.ts';
import { COMMANDS, GROUPS } from './commandTable.ts';
import { GLOBAL_OPTIONS } from './globalOptions.ts';
import { TOPICS, type Topic } from './topics/topics.ts';

/** One command, or a group of them. */
export interface CommandNode {
  /** `['profile', 'add']`; empty for `vdb` itself. */
  path: readonly string[];
  summary: string;
  description?: string;
  arguments: readonly ArgumentSpec[];
  options: readonly OptionSpec[];
  examples: readonly Example[];
  /** Of a group; empty otherwise. */
  commands: CommandNode[];
}

export interface CommandTree extends CommandNode {
  globalOptions: readonly OptionSpec[];
  /** Name and text of each `vdb help TOPIC`. */
  topics: { name: string; text: string }[];
}

/** All commands, loaded: what man pages and completion are generated from. */
export async function commandTree(): Promise<CommandTree> {
  const commands: CommandNode[] = [];
  for (const { path, summary, load } of COMMANDS) {
    const { command } = await load();
    const node: CommandNode = {
      path,
      summary,
      ...(command.description ? { description: command.description } : {}),
      arguments: command.arguments ?? [],
      options: (command.options ?? []).filter(({ hidden }) => !hidden),
      examples: command.examples,
      commands: [],
    };
    if (path.length === 1) commands.push(node);
    else groupNode(commands, path[0]!).commands.push(node);
  }
  return {
    path: [],
    summary: 'Manage, query and move data between many vector databases, and prove that nothing was lost',
    arguments: [],
    options: [],
    examples: [],
    commands,
    globalOptions: GLOBAL_OPTIONS,
    topics: (Object.keys(TOPICS) as Topic[]).map(name => ({ name, text: TOPICS[name]() })),
  };
}

function groupNode(commands: CommandNode[], name: string): CommandNode {
  const known = commands.find(({ path }) => path[0] === name);
  if (known) return known;
  const node: CommandNode = {
    path: [name],
    summary: GROUPS[name]!,
    arguments: [],
    options: [],
    examples: [],
    commands: [],
  };
  commands.push(node);
  return node;
}
