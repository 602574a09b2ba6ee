import { VdbError } from '../../model/errors.ts';
import { checkName } from '../../model/ref.ts';
import type { CommandSpec, Example, OptionSpec } from '../command.ts';
import { DRAFT_OPTIONS, draftFrom, refusePlainSecrets } from '../profileDraft.ts';
import { providers } from '../providers.ts';

const OPTIONS: OptionSpec[] = [
  { flags: '--provider <provider>', help: 'kind of database', choices: providers.map(({ provider }) => provider) },
  ...DRAFT_OPTIONS,
  { flags: '--description <text>', help: 'free text' },
  { flags: '--tag <tag>', help: 'tag, may be given several times', repeat: true },
  { flags: '--folder <folder>', help: 'folder that lists it' },
  { flags: '--default-collection <name>', help: 'collection used when none is named' },
  {
    flags: '--secret <name=source>',
    help: 'where a secret comes from: NAME=env:VAR, cmd:COMMAND or file:PATH',
    repeat: true,
  },
  { flags: '--prompt', help: 'ask for the secrets at each connect' },
  { flags: '--no-test', help: 'save without testing the connection' },
];

export const command: CommandSpec = {
  description:
    'The connection is tested before anything is saved. Secrets are never saved and never given as plain values: a profile says where each comes from, and the value is had from there at each connect.',
  arguments: [{ name: 'NAME', help: 'name of the profile', required: true }],
  options: OPTIONS,
  dryRun: true,
  examples: examples(),
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
    await context.output.one(profile, [
      'name',
      'provider',
      'options',
      'secretSources',
      'tags',
      'folder',
      'description',
    ]);
    context.tell(dryRun ? `the connection works; ${name} was not saved (--dry-run)` : `saved ${name}`);
    return 0;
  },
};

/** With providers that have what each example shows. */
function examples(): Example[] {
  const addressedBy = (name: string) =>
    providers.find(provider => provider.addressedBy.some(set => set.includes(name)));
  const found: Example[] = [];
  const embedded = addressedBy('path')?.provider;
  if (embedded) {
    found.push({
      command: `vdb profile add local --provider ${embedded} --path ./data`,
      text: 'an embedded database in a directory',
    });
  }
  const server = addressedBy('host');
  const secret = server?.secrets[0]?.name;
  if (server && secret) {
    const address = `vdb profile add prod --provider ${server.provider} --host db.example.org`;
    found.push(
      { command: `${address} --secret ${secret}=env:DB_SECRET`, text: 'a server, its secret from the environment' },
      {
        command: `${address} --secret ${secret}=cmd:'pass show db'`,
        text: 'a server, its secret from a password manager',
      },
      { command: `${address} --prompt --no-test`, text: 'a server whose secret is asked for at each connect' },
    );
  }
  return found;
}
