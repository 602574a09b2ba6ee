/** The environment as the client understands it; the only place in cli/ that reads it. */
export interface Environment {
  session?: string;
  connection?: string;
  collection?: string;
  output?: string;
  noDaemon: boolean;
  readOnly: boolean;
  noColor: boolean;
  forceColor: boolean;
  /** What the keychain and the encrypted file need of the caller; sent with every call. */
  forwarded: Record<string, string>;
}

/** Variables that vdb reads, with what they mean; `vdb help environment` and `vdb config show` print them. */
export const VARIABLES: Record<string, string> = {
  VDB_SESSION: 'session of this shell (--session)',
  VDB_CONNECTION: 'connection to use (--connection)',
  VDB_COLLECTION: 'collection to use (--collection)',
  VDB_OUTPUT: 'table, json, ndjson or csv (--output)',
  VDB_SOCKET: 'where the daemon listens',
  VDB_CONFIG_DIR: 'directory of profiles and settings',
  VDB_STATE_DIR: 'directory of sessions, jobs, log and socket',
  VDB_LOG: "how much the daemon writes to its log: 'error', 'warn', 'info' or 'debug'",
  VDB_ENCRYPTION_KEY: 'key of the encrypted credential file, base64 of 32 bytes',
  VDB_NO_DAEMON: '1: work without a daemon (--no-daemon)',
  VDB_READ_ONLY: '1: refuse every write of this caller',
  NO_COLOR: 'any text: no colours (--no-color)',
  FORCE_COLOR: '1: colours even when stdout is no terminal',
};

const FORWARDED = ['DBUS_SESSION_BUS_ADDRESS', 'XDG_RUNTIME_DIR', 'VDB_ENCRYPTION_KEY'];

export function readEnvironment(): Environment {
  const forwarded: Record<string, string> = {};
  for (const name of FORWARDED) {
    const value = variable(name);
    if (value !== undefined) forwarded[name] = value;
  }
  const environment: Environment = {
    noDaemon: isOn('VDB_NO_DAEMON'),
    readOnly: isOn('VDB_READ_ONLY'),
    noColor: variable('NO_COLOR') !== undefined,
    forceColor: isOn('FORCE_COLOR'),
    forwarded,
  };
  const session = variable('VDB_SESSION');
  const connection = variable('VDB_CONNECTION');
  const collection = variable('VDB_COLLECTION');
  const output = variable('VDB_OUTPUT');
  if (session !== undefined) environment.session = session;
  if (connection !== undefined) environment.connection = connection;
  if (collection !== undefined) environment.collection = collection;
  if (output !== undefined) environment.output = output;
  return environment;
}

/** A variable's value; empty counts as not set. */
export function variable(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** All of it, for finding the daemon's directories and for starting one. */
export function wholeEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

function isOn(name: string): boolean {
  const value = variable(name);
  return value !== undefined && value !== '0' && value !== 'false';
}

/** The whole environment without what steers vdb: for a vdb of its own that is run as a child. */
export function inherited(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !name.startsWith('VDB_'),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}
