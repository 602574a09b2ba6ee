import type { ErrorCode, ErrorReason } from './errors.ts';

/** Something that happened in the daemon, as it stands in JSON. */
export interface Event {
  /** ISO 8601 UTC. */
  time: string;
  type: EventType;
  session: string | null;
  connection: string | null;
  data: Record<string, unknown>;
}

/** Event type → what its `data` says. */
export interface EventData {
  /** A connection is held from now on, or no longer. */
  'connection.opened': { profile: string; provider: string; endpoint: string };
  'connection.closed': { profile: string };
  'connection.stateChanged': {
    from: string;
    /** The new one. */
    state: string;
    error: { code: ErrorCode; reason?: ErrorReason; message: string } | null;
  };
  'session.activeConnectionChanged': { from: string | null; to: string | null };
  'session.activeCollectionChanged': { from: ActivePlace; to: ActivePlace };
  'collections.updated': { collection: string; partition?: string; change: 'created' | 'dropped' };
  'profile.added': { profile: string; provider: string };
  'profile.deleted': { profile: string };
  'job.started': JobEvent;
  'job.done': JobEvent;
  'job.partial': JobEvent;
  'job.failed': JobEvent;
  'job.cancelled': JobEvent;
  'job.interrupted': JobEvent;
  'job.removed': { job: string };
  /** The reader was behind: that many events are lost to it. */
  'events.dropped': { count: number };
}

export interface ActivePlace {
  collection: string | null;
  partition: string | null;
}

export interface JobEvent {
  job: string;
  source: string;
  target: string;
  state: string;
}

export type EventType = keyof EventData;

/** Every type, in the order documentation lists them. */
export const EVENT_TYPES = [
  'connection.opened',
  'connection.closed',
  'connection.stateChanged',
  'session.activeConnectionChanged',
  'session.activeCollectionChanged',
  'collections.updated',
  'profile.added',
  'profile.deleted',
  'job.started',
  'job.done',
  'job.partial',
  'job.failed',
  'job.cancelled',
  'job.interrupted',
  'job.removed',
  'events.dropped',
] as const satisfies EventType[];
