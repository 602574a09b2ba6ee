/**
 * A queue between producers and consumers that holds at most `capacity` bytes: `push` waits for room (one item always
 * fits, however large), `shift` waits for an item and gives undefined once the queue is closed and empty.
 */
export class ByteQueue<T> {
  readonly #capacity: number;
  readonly #items: { item: T; bytes: number }[] = [];
  #bytes = 0;
  #closed = false;
  #error: unknown;
  #failed = false;
  #waiters: (() => void)[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  async push(item: T, bytes: number): Promise<void> {
    while (!this.#failed && this.#items.length > 0 && this.#bytes + bytes > this.#capacity) await this.#change();
    if (this.#failed) throw this.#error;
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    this.#wake();
  }

  async shift(): Promise<T | undefined> {
    while (!this.#failed && this.#items.length === 0 && !this.#closed) await this.#change();
    if (this.#failed) throw this.#error;
    const next = this.#items.shift();
    if (!next) return undefined;
    this.#bytes -= next.bytes;
    this.#wake();
    return next.item;
  }

  /** No more items come. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Makes every waiting and later call throw `error`. */
  fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#error = error;
    this.#items.length = 0;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#waiters.push(resolve));
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
