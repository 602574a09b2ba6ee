import type { Access, ServerName } from './access.ts';

/** Where one instance of a server lives. */
export interface Place {
  /** What `install` filled. */
  home: string;
  /** A directory of its own for data, configuration and log; kept over restarts of the same instance. */
  data: string;
  /** The first of `Kind.ports` consecutive ports. */
  port: number;
  /** Letters and digits, to be its password or key. */
  secret: string;
}

/** A process to be started, and how one sees that it serves. */
export interface Launch {
  command: string;
  args: string[];
  env?: Record<string, string>;
  uid?: number;
  gid?: number;
  access: Access;
  /** Throws until the server does real work for a client. Repeated, so it must be idempotent. */
  ready(): Promise<void>;
}

/** One sort of server: how it is installed from a package registry and how it is run. */
export interface Kind {
  name: ServerName;
  version: string;
  /** How many consecutive ports it takes. */
  ports: number;
  /** The signal that ends it cleanly. */
  signal: NodeJS.Signals;
  /** Fills an empty directory. It is moved afterwards, so nothing in it may name its own path. */
  install(home: string): Promise<void>;
  prepare(place: Place): Promise<Launch>;
}
