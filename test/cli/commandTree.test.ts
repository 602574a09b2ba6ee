import { expect, test } from 'vitest';
import { type CommandNode, commandTree } from '../../src/cli/commandTree.ts';

function leaves(node: CommandNode): CommandNode[] {
  return node.commands.length === 0 ? [node] : node.commands.flatMap(leaves);
}

test('every command explains itself: summary, help for each part, an example that is this command', async () => {
  const tree = await commandTree();
  for (const { path, summary, arguments: args, options, examples } of leaves(tree)) {
    const name = path.join(' ');
    expect(summary, name).toMatch(/^[A-Z].*[^.]$/);
    expect(examples.length, name).toBeGreaterThan(0);
    for (const { command } of examples) expect(command, name).toContain(`vdb ${name}`);
    for (const { help } of [...args, ...options]) expect(help, name).not.toBe('');
  }
});

test('no option of a command means something else than the global one of that name', async () => {
  const tree = await commandTree();
  const names = (flags: string) => flags.match(/--?[a-z-]+/g) ?? [];
  const global = new Set(tree.globalOptions.flatMap(({ flags }) => names(flags)));
  for (const { path, options } of leaves(tree)) {
    const clash = options.flatMap(({ flags }) => names(flags)).filter(name => global.has(name));
    expect(clash, path.join(' ')).toEqual([]);
  }
});
