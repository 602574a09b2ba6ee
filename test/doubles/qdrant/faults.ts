/** Knobs of the double; all of them off by default. Counters count down with each request they hit. */
export interface Faults {
  /** Milliseconds before each answer. */
  latencyMs: number;
  /** So many requests are answered 429 … */
  rateLimited: number;
  /** … with this `Retry-After`. */
  retryAfter: string;
  /** Each nth request is answered `errorStatus`; 0 none. */
  errorEvery: number;
  errorStatus: number;
  /** So many answers are cut by a reset of the connection … */
  resets: number;
  /** … behind so many bytes of the body. */
  resetAfterBytes: number;
  /** So many answers hold half of their JSON, correctly framed. */
  truncated: number;
  /** So many upserts store half of their points and are refused. */
  halfApplied: number;
  /** So many requests are never answered. */
  stalled: number;
  /** Every request is answered 307 to here. */
  redirectTo: string | undefined;
}

export function noFaults(): Faults {
  return {
    latencyMs: 0,
    rateLimited: 0,
    retryAfter: '1',
    errorEvery: 0,
    errorStatus: 500,
    resets: 0,
    resetAfterBytes: 20,
    truncated: 0,
    halfApplied: 0,
    stalled: 0,
    redirectTo: undefined,
  };
}
