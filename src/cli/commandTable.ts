import type { CommandEntry } from './command.ts';

/** What each group of commands is about; one line, no full stop. */
export const GROUPS: Record<string, string> = {
  profile: 'Save and test descriptions of servers',
  session: 'List and remove sessions',
  collection: 'List, create, describe and drop collections',
  partition: 'List, create and drop partitions of a collection',
  job: 'Look at, resume and remove jobs',
  daemon: 'Start, stop and watch the daemon',
  config: 'Show settings and where they come from',
};

/** Every command, in the order help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  entry('profile add', 'Save a server under a name, after testing it', () => import('./commands/profileAdd.ts')),
  entry('profile list', 'List saved profiles', () => import('./commands/profileList.ts')),
  entry('profile show', 'Show one profile', () => import('./commands/profileShow.ts')),
  entry('profile remove', 'Remove a profile', () => import('./commands/profileRemove.ts')),
  entry(
    'profile test',
    'Connect and tell latency, version and capabilities',
    () => import('./commands/profileTest.ts'),
  ),

  entry('connect', 'Open a connection and hold it', () => import('./commands/connect.ts')),
  entry('disconnect', 'Close a held connection', () => import('./commands/disconnect.ts')),
  entry('connections', 'List held connections', () => import('./commands/connections.ts')),
  entry('use', 'Set the active connection, collection and partition', () => import('./commands/use.ts')),
  entry('status', 'Show what is active, connections and the daemon', () => import('./commands/status.ts')),
  entry('session list', 'List sessions', () => import('./commands/sessionList.ts')),
  entry('session remove', 'Forget a session', () => import('./commands/sessionRemove.ts')),
  entry('ping', 'Make one round trip to a database', () => import('./commands/ping.ts')),

  entry('events', 'Print what happened, or happens, in the daemon', () => import('./commands/events.ts')),

  entry('collection list', 'List collections', () => import('./commands/collectionList.ts')),
  entry('collection create', 'Create a collection', () => import('./commands/collectionCreate.ts')),
  entry(
    'collection describe',
    'Show vectors, fields, index and count',
    () => import('./commands/collectionDescribe.ts'),
  ),
  entry('collection drop', 'Drop a collection and everything in it', () => import('./commands/collectionDrop.ts')),

  entry('partition list', 'List partitions of a collection', () => import('./commands/partitionList.ts')),
  entry('partition create', 'Create a partition of a collection', () => import('./commands/partitionCreate.ts')),
  entry('partition drop', 'Drop a partition and everything in it', () => import('./commands/partitionDrop.ts')),

  entry('query', 'Find the records nearest to a vector', () => import('./commands/query.ts')),
  entry('get', 'Print records by id', () => import('./commands/get.ts')),
  entry('scan', 'Print every record, or those a filter matches', () => import('./commands/scan.ts')),
  entry('count', 'Count records', () => import('./commands/count.ts')),
  entry('upsert', 'Write records from a file or stdin', () => import('./commands/upsert.ts')),
  entry('update', 'Change metadata of records by id or by filter', () => import('./commands/update.ts')),
  entry('delete', 'Delete records by id, by filter, or all', () => import('./commands/delete.ts')),
  {
    ...entry('native', 'Run a statement in the language of the database', () => import('./commands/native.ts')),
    aliases: ['sql', 'cypher'],
  },

  entry('migrate', 'Copy a collection to another database and verify it', () => import('./commands/migrate.ts')),
  entry('verify', 'Compare two collections record by record', () => import('./commands/verify.ts')),
  entry('fingerprint', 'Print an order-free digest of a collection', () => import('./commands/fingerprint.ts')),
  entry('job list', 'List jobs', () => import('./commands/jobList.ts')),
  entry('job show', 'Show a job and its result', () => import('./commands/jobShow.ts')),
  entry('job resume', 'Continue an interrupted job', () => import('./commands/jobResume.ts')),
  entry('job remove', 'Forget a job and its journal', () => import('./commands/jobRemove.ts')),

  entry('daemon start', 'Start the daemon', () => import('./commands/daemonStart.ts')),
  entry('daemon stop', 'Stop the daemon', () => import('./commands/daemonStop.ts')),
  entry('daemon restart', 'Stop the daemon and start it again', () => import('./commands/daemonRestart.ts')),
  entry('daemon status', 'Tell whether the daemon runs', () => import('./commands/daemonStatus.ts')),
  entry('daemon logs', "Print the daemon's log", () => import('./commands/daemonLogs.ts')),
  entry('daemon run', 'Run the daemon in the foreground', () => import('./commands/daemonRun.ts')),
  entry('rpc', 'Call any method of the protocol', () => import('./commands/rpc.ts')),
  entry('config show', 'Show every setting', () => import('./commands/configShow.ts')),
  entry('version', 'Show the versions of client, daemon and protocol', () => import('./commands/version.ts')),
  entry(
    'demo',
    'Load, query, migrate and verify sample data in a temporary directory',
    () => import('./commands/demo.ts'),
  ),
  entry('help', 'Explain a command or a topic', () => import('./commands/help.ts')),
];

/** The command of these words, by its name or another word for it. */
export function commandOf(words: readonly string[]): CommandEntry | undefined {
  const name = words.join(' ');
  return COMMANDS.find(({ path, aliases }) => path.join(' ') === name || aliases?.includes(name));
}

function entry(path: string, summary: string, load: CommandEntry['load']): CommandEntry {
  return { path: path.split(' '), summary, load };
}
