import type { CommandSpec } from '../command.ts';

export const command: CommandSpec = {
  options: [
    { flags: '--provider <provider>', help: 'only of this kind' },
    { flags: '--tag <tag>', help: 'only with this tag' },
    { flags: '--folder <folder>', help: 'only in this folder' },
    { flags: '--search <text>', help: 'only those whose name or description holds this' },
  ],
  examples: [
    { command: 'vdb profile list --tag prod', text: 'profiles with a tag' },
    { command: 'vdb profile list -o csv --fields name,provider', text: 'two columns for a spreadsheet' },
  ],
  async run(context, _args, { provider, tag, folder, search }) {
    const profiles = await context.call('profile.list', { provider, tag, folder, search });
    await context.output.list(profiles, ['name', 'provider', 'tags', 'folder', 'description', 'lastConnectedAt']);
    if (profiles.length === 0) context.tell("no profiles; 'vdb profile add' makes one");
    return 0;
  },
};
