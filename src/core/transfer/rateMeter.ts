const WINDOW_MS = 5000;

/** Records per second over the last moments, from a count that grows. */
export class RateMeter {
  readonly #marks: { time: number; done: number }[] = [];

  /** The rate once `done` are done. */
  mark(done: number): number {
    const time = performance.now();
    this.#marks.push({ time, done });
    while (this.#marks.length > 2 && time - this.#marks[0]!.time > WINDOW_MS) this.#marks.shift();
    const first = this.#marks[0]!;
    return time === first.time ? 0 : Math.round(((done - first.done) * 1000) / (time - first.time));
  }
}
