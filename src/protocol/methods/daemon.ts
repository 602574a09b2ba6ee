import type { Setting } from './setting.ts';

/** `daemon.hello`, `daemon.status` and `daemon.stop` never change shape. */
export interface DaemonMethods {
  /**
   * First frame on every socket. It is answered whenever the token is right; but when the caller's protocol or directories
   * (if given) are not the daemon's, or its version is newer, then every other method but `daemon.status` and `daemon.stop`
   * is refused on this socket before anything is done.
   */
  'daemon.hello': {
    params: { token: string; protocol: number; version?: string; stateDir?: string; configDir?: string };
    result: { version: string; protocol: number; pid: number; instance: string; stateDir: string; configDir: string };
  };
  'daemon.status': { params: Record<never, never>; result: DaemonStatus };
  /** Answers, then drains; `now` aborts what runs instead of waiting up to 10 s. */
  'daemon.stop': { params: { now?: boolean }; result: { pid: number; stopping: true } };
  /** Settings as the daemon sees them: defaults and `config.json`. */
  'daemon.settings': { params: Record<never, never>; result: Setting[] };
  /** Every method with its summary. */
  'daemon.methods': { params: Record<never, never>; result: { method: string; summary: string }[] };
}

export interface DaemonStatus {
  running: boolean;
  pid: number;
  version: string;
  protocol: number;
  socket: string;
  startedAt: string;
  rssBytes: number;
  connections: number;
  jobs: number;
}
