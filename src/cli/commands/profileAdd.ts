import { VdbError } from '../../model/errors.ts';
import { checkName } from '../../model/ref.ts';
import type { CommandSpec, OptionSpec } from '../command.ts';
import { DRAFT_OPTIONS, draftFrom, refusePlainSecrets } from '../profileDraft.ts';
import { providers } from '../providers.ts';

const OPTIONS: OptionSpec[] = [
  { flags: '--provider <provider>', help: 'kind of database', choices: providers.map(({ provider }) => provider) },
  ...DRAFT_OPTIONS,
  { flags: '--description <text>', help: 'free text' },
  { flags: '--tag <tag>', help: 'tag, may be given several times', repeat: true },
  { flags: '--folder <folder>', help: 'folder that lists it' },
  { flags: '--default-collection <name>', help: 'collection used when none is named' },
  { flags: '--secret <name=source>', help: 'where a secret comes from: NAME=env:VAR, cmd:COMMAND or file:PATH', repeat: true },
  { flags: '--prompt', help: 'ask for the secrets at each connect' },
  { flags: '--no-test', help: 'save without testing the connection' },
];

export const command: CommandSpec = {
  description:
    'The connection is tested before anything is saved. Secrets are never saved and never given as plain values: a profile says where each comes from, and the value is had from there at each connect.',
  arguments: [{ name: 'NAME', help: 'name of the profile', required: true }],
  options: OPTIONS,
  dryRun: true,
  examples: [
    { command: 'vdb profile add local --provider lancedb --path ./data', text: 'an embedded database in a directory' },
    {
      command: 'vdb profile add prod --provider pgvector --url postgres://app@db/app --secret password=env:PGPASSWORD',
      text: 'a server, its password from the environment',
    },
    {
      command: "vdb profile add prod --provider pgvector --host db --user app --secret password=cmd:'pass show db'",
      text: 'a server, its password from a password manager',
    },
  ],
  async run(context, [name], options) {
    refusePlainSecrets(options);
    checkName(name!, 'profile');
    const manifest = providers.find(({ provider }) => provider === options.provider);
    if (!manifest) {
      const names = providers.map(({ provider }) => provider).join(', ');
      throw new VdbError('usage', '--provider is missing', { hint: `Give one of ${names}.` });
    }
    const dryRun = context.flags.dryRun ?? false;
    const draft = draftFrom(name!, manifest, options);
    if (draft.options.insecure === true) context.note('the server certificate will not be verified (--insecure)');
    const profile = await context.call('profile.add', { ...draft, test: options.test, dryRun });
    await context.output.one(profile, ['name', 'provider', 'options', 'secretSources', 'tags', 'folder', 'description']);
    context.tell(dryRun ? `the connection works; ${name} was not saved (--dry-run)` : `saved ${name}`);
    return 0;
  },
};
