import type { ErrorCode, ErrorReason, VdbError } from '../../model/errors.ts';
import type { HeldConnection } from './heldStore.ts';
import type { ConnectionState } from './link.ts';
import type { Pooled } from './linkPool.ts';

/** A connection as it is now, without regard to any session. */
export interface ConnectionInfo {
  id: string;
  name: string;
  profile: string;
  provider: string;
  endpoint: string;
  state: ConnectionState;
  held: boolean;
  collections: number | null;
  latencyMs: number | null;
  serverVersion: string | null;
  openedAt: string | null;
  error: VdbError | null;
}

/** What of an error a connection's state tells. */
export function toldError(error: VdbError | null): { code: ErrorCode; reason?: ErrorReason; message: string } | null {
  if (!error) return null;
  const { code, message, details } = error;
  return { code, ...(details.reason && { reason: details.reason }), message };
}

export function heldInfo(held: HeldConnection, pooled: Pooled | undefined): ConnectionInfo {
  return { ...held, held: true, ...linkInfo(pooled) };
}

/** A connection that a REF opened; it goes by its profile's name. */
export function onDemandInfo(pooled: Pooled): ConnectionInfo {
  const { id, endpoint, profile, opened } = pooled.link;
  return {
    id,
    name: profile.name,
    profile: profile.name,
    provider: profile.provider,
    endpoint,
    held: false,
    openedAt: opened?.openedAt ?? null,
    ...linkInfo(pooled),
  };
}

function linkInfo(
  pooled: Pooled | undefined,
): Pick<ConnectionInfo, 'state' | 'collections' | 'latencyMs' | 'serverVersion' | 'error'> {
  const opened = pooled?.link.opened;
  return {
    state: pooled?.link.state ?? 'disconnected',
    collections: pooled?.link.collections ?? null,
    latencyMs: opened?.latencyMs ?? null,
    serverVersion: opened?.serverVersion ?? null,
    error: pooled?.link.error ?? null,
  };
}
