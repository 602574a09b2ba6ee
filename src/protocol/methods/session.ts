import type { Connection } from './connection.ts';
import type { TargetParams } from './shared.ts';

export interface SessionMethods {
  /** Never opens a database. */
  'session.status': { params: Record<never, never>; result: Status };
  /** `previous` returns to what was active before. A named collection is checked to exist. */
  'session.use': { params: { target?: TargetParams; previous?: boolean }; result: Status };
  'session.list': { params: Record<never, never>; result: Session[] };
  'session.remove': { params: { name: string; dryRun: boolean }; result: { name: string; removed: boolean } };
}

export interface Status {
  session: string;
  active: { connection: string; collection: string | null; partition: string | null } | null;
  connections: Connection[];
  daemon: { pid: number; version: string; protocol: number; socket: string; startedAt: string; jobs: number };
}

export interface Session {
  name: string;
  active: { connection: string; collection: string | null; partition: string | null } | null;
  lastUsedAt: string;
}
