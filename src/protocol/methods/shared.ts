/** Where a call comes from; sent with every method but `daemon.hello`. */
export interface Context {
  session: string;
  /** Relative paths are the caller's. */
  cwd: string;
  umask: number;
  readOnly: boolean;
  /** The whole call's deadline in milliseconds (`--timeout`); without it the method's own. */
  timeoutMs?: number;
  /** What keychain and encrypted file need of the caller's environment. */
  env?: Record<string, string>;
}

/** What every method but `daemon.hello` takes besides its own params. */
export interface Envelope {
  context: Context;
  /** Profile → secret name → value: the answer to `needs_secret`. Kept in memory until the profile's last connection closes. */
  secrets?: Record<string, Record<string, string>>;
}

/** The collection meant, as far as flags, environment or a REF named it; the session fills in what is missing. `.` is the active connection. */
export interface TargetParams {
  connection?: string;
  collection?: string;
  partition?: string;
}

export type WithPart = 'vectors' | 'metadata' | 'document';
export type IdType = 'string' | 'int' | 'uuid';
