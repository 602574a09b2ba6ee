import type { ErrorCode, ErrorReason } from '../../model/errors.ts';

export interface ConnectionMethods {
  /** Holds a connection; the session's first one becomes active. */
  'connection.open': { params: { profile: string; as?: string }; result: Connection };
  'connection.close': { params: { name?: string; all?: boolean }; result: Connection[] };
  /** Never opens a database. */
  'connection.list': { params: Record<never, never>; result: Connection[] };
  /** Without names: the session's active one. */
  'connection.ping': { params: { names?: string[]; all?: boolean }; result: PingResult[] };
}

export type ConnectionState = 'connecting' | 'connected' | 'error' | 'disconnected';

export interface Connection {
  id: string;
  name: string;
  profile: string;
  provider: string;
  endpoint: string;
  state: ConnectionState;
  held: boolean;
  /** Active in the caller's session. */
  active: boolean;
  activeCollection: string | null;
  collections: number | null;
  latencyMs: number | null;
  serverVersion: string | null;
  openedAt: string | null;
  error: { code: ErrorCode; reason?: ErrorReason; message: string } | null;
}

export interface PingResult {
  connection: string;
  latencyMs: number;
  serverVersion: string;
}
