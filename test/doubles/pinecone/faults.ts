/** What the double does to a request instead of, or before, answering it. */
export type Act =
  /** An answer of that status; the body is plain text, as the edge writes it, unless it begins with `{`. */
  | { kind: 'status'; status: number; body?: string; headers?: Record<string, string> }
  /** Works on the request, and answers after that time. */
  | { kind: 'delay'; ms: number }
  /** Works on the request, and cuts the connection behind so many bytes of the answer. */
  | { kind: 'reset'; afterBytes: number }
  /** Works on the request, and answers with half of the JSON under a correct length. */
  | { kind: 'truncate' }
  /** Works on the request, and answers a few bytes at a time. */
  | { kind: 'drip'; ms: number }
  /** Vectors come with one component too many. */
  | { kind: 'wrongDimension' };

export interface Fault {
  act: Act;
  /** Tested against `METHOD /path?query`; any request by default. */
  on?: RegExp;
  /** How many matching requests pass before the first one is hit. */
  after?: number;
  /** Of the rest every n-th is hit (1: each). */
  every?: number;
  /** Then it is over. */
  times?: number;
}

/** Which requests are hit. The first fault that is due wins. */
export class Faults {
  #faults: { fault: Fault; seen: number; hit: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0, hit: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  for(request: string): Act | undefined {
    for (const each of this.#faults) {
      const { on, after = 0, every = 1, times = Number.POSITIVE_INFINITY, act } = each.fault;
      if (on && !on.test(request)) continue;
      const place = each.seen++ - after;
      if (place < 0 || place % every !== 0 || each.hit >= times) continue;
      each.hit++;
      return act;
    }
    return undefined;
  }
}
