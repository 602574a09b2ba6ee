import { frameOf } from '../protocol/framing.ts';
import type { Link } from '../protocol/link.ts';
import type { Limits } from './limits.ts';

/** `$/items` of one call: gathers items into frames of 1 MiB or 50 ms, and sends none while the reader is behind. */
export class ItemStream {
  readonly #link: Link;
  readonly #id: unknown;
  readonly #signal: AbortSignal;
  readonly #limits: Limits;
  #texts: string[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | null = null;
  #failure: unknown = null;

  constructor(link: Link, id: unknown, signal: AbortSignal, limits: Limits) {
    this.#link = link;
    this.#id = id;
    this.#signal = signal;
    this.#limits = limits;
  }

  /** Resolves when more can be taken. Rejects with the signal's reason, or with VdbError `invalid` for an item that fits no frame. */
  async push(items: readonly unknown[]): Promise<void> {
    for (const item of items) {
      const text = JSON.stringify(item);
      if (this.#length > 0 && this.#length + text.length > this.#limits.itemsBytes) await this.flush();
      this.#texts.push(text);
      this.#length += text.length + 1;
    }
    if (this.#length >= this.#limits.itemsBytes || this.#link.blocked) await this.flush();
    this.#signal.throwIfAborted();
    if (this.#failure) throw this.#failure;
    if (this.#length > 0)
      this.#timer ??= setTimeout(() => void this.flush().catch(error => (this.#failure = error)), this.#limits.itemsMs);
  }

  /** Sends what was gathered. */
  async flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#link.drained(this.#signal);
    this.#signal.throwIfAborted();
    if (this.#texts.length === 0) return;
    const texts = this.#texts.splice(0);
    this.#length = 0;
    this.#link.write(
      frameOf(
        `{"jsonrpc":"2.0","method":"$/items","params":{"id":${JSON.stringify(this.#id)},"items":[${texts.join(',')}]}}`,
      ),
    );
  }

  /** Nothing more will be sent. */
  end(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#texts = [];
  }
}
