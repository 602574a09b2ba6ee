import { directories } from '../../protocol/directories.ts';
import type { Setting } from '../../protocol/methods/setting.ts';
import type { CommandSpec } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { variable, wholeEnvironment } from '../environment.ts';

export const command: CommandSpec = {
  options: [{ flags: '--origin', help: 'say where each value comes from: default, file, env or flag' }],
  examples: [
    { command: 'vdb config show --origin', text: 'every setting' },
    { command: 'vdb config show -o csv', text: 'for a script' },
  ],
  async run(context, _args, { origin }) {
    const settings = [...ownSettings(context), ...(await context.call('daemon.settings', {}))];
    // A setting that flag or environment decides is listed once, with what decides it.
    const byKey = new Map<string, Setting>();
    for (const setting of settings) if (!byKey.has(setting.key)) byKey.set(setting.key, setting);
    await context.output.list([...byKey.values()], origin ? ['key', 'value', 'origin'] : ['key', 'value']);
    return 0;
  },
};

function ownSettings({ flags, environment }: CommandContext): Setting[] {
  const { configDir, stateDir } = directories(wholeEnvironment());
  const dirOrigin = (name: string) => (variable(name) === undefined ? 'default' : 'env');
  const settings: Setting[] = [
    choose('session', flags.session, environment.session, 'default'),
    choose('connection', flags.connection, environment.connection, null),
    choose('collection', flags.collection, environment.collection, null),
    choose('output', flags.json ? 'json' : flags.output, environment.output, null),
    choose(
      'color',
      flags.color ? undefined : false,
      environment.noColor ? false : environment.forceColor || undefined,
      null,
    ),
    choose('noDaemon', flags.daemon ? undefined : true, environment.noDaemon || undefined, false),
    choose('readOnly', undefined, environment.readOnly || undefined, false),
    choose('timeoutMs', flags.timeout, undefined, null),
    { key: 'configDir', value: configDir, origin: dirOrigin('VDB_CONFIG_DIR') },
    { key: 'stateDir', value: stateDir, origin: dirOrigin('VDB_STATE_DIR') },
  ];
  const socket = variable('VDB_SOCKET');
  if (socket !== undefined) settings.push({ key: 'socket', value: socket, origin: 'env' });
  const log = variable('VDB_LOG');
  if (log !== undefined) settings.push({ key: 'log', value: log, origin: 'env' });
  return settings;
}

function choose(
  key: string,
  flag: Setting['value'] | undefined,
  env: Setting['value'] | undefined,
  otherwise: Setting['value'],
): Setting {
  if (flag !== undefined) return { key, value: flag, origin: 'flag' };
  if (env !== undefined) return { key, value: env, origin: 'env' };
  return { key, value: otherwise, origin: 'default' };
}
