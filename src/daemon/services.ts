import type { ConnectionManager } from '../core/connections/connectionManager.ts';
import type { Events } from '../core/events/events.ts';
import type { ProfileStore } from '../core/profiles/profileStore.ts';
import type { SessionStore } from '../core/sessions/sessionStore.ts';
import type { Settings } from '../core/settings.ts';
import type { JobStore } from '../core/transfer/jobStore.ts';
import type { DaemonStatus } from '../protocol/methods/daemon.ts';
import type { Log } from './log.ts';

/** What handlers work with; made once in main.ts. */
export interface Services {
  stateDir: string;
  configDir: string;
  settings: Settings;
  profiles: ProfileStore;
  sessions: SessionStore;
  connections: ConnectionManager;
  jobs: JobStore;
  events: Events;
  log: Log;
  /** This process, as `daemon.status` tells it. */
  status(): DaemonStatus;
  /** Begins the drain; returns at once. */
  stop(now: boolean): void;
}
