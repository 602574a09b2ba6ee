import type { Readable, Writable } from 'node:stream';
import { asVdbError, VdbError } from '../model/errors.ts';
import { encodeFrame, FrameDecoder } from './framing.ts';

export type Frame = Record<string, unknown>;

export interface LinkEvents {
  /** Frames come one at a time, in order: while the promise is pending nothing more is read. */
  frame(frame: Frame): void | Promise<void>;
  /** Once. Without an error the other side closed. */
  end(error: VdbError | null): void;
}

/** Frames over a socket, or over a pair of pipes; the same on both sides. */
export class Link {
  readonly decoder: FrameDecoder;
  /** Bytes that arrived so far. */
  received = 0;
  readonly #readable: Readable;
  readonly #writable: Writable;
  readonly #events: LinkEvents;
  readonly #waiting = new Set<() => void>();
  #failure: VdbError | null = null;
  #holds = 0;
  /** A frame is being worked on, and others of its chunk wait. */
  #working = false;
  /** The other side is gone; what it sent before may still be waiting. */
  #gone = false;
  #ended = false;

  constructor(readable: Readable, writable: Writable, events: LinkEvents, limit?: number) {
    this.#readable = readable;
    this.#writable = writable;
    this.#events = events;
    this.decoder = new FrameDecoder(limit);
    readable.on('data', (chunk: Buffer) => {
      this.received += chunk.length;
      this.#work(this.decoder.push(chunk));
    });
    readable.on('end', () => this.#left(null));
    readable.on('close', () => this.#left(null));
    readable.on('error', error => this.#left(lost(error)));
    if ((writable as unknown) !== readable) {
      writable.on('error', error => this.#left(lost(error)));
      writable.on('close', () => this.#left(null));
    }
    writable.on('drain', () => this.#wake());
    // A socket that was accepted paused does not flow by itself.
    readable.resume();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the other side is behind with reading. */
  get blocked(): boolean {
    return this.#writable.writableNeedDrain;
  }

  /** Bytes written that the other side has not taken yet. */
  get backlog(): number {
    return this.#writable.writableLength;
  }

  /** Throws VdbError `invalid`, reason `too_large`. To a side that left it says nothing. */
  send(message: object): void {
    this.write(encodeFrame(message));
  }

  write(frame: Buffer): void {
    if (this.#writable.writable) this.#writable.write(frame);
  }

  /** Resolves when the other side has caught up, the link ended, or the signal aborted. */
  async drained(signal?: AbortSignal): Promise<void> {
    while (this.blocked && !this.#gone && !this.#ended && !signal?.aborted) {
      await new Promise<void>(resolve => {
        const wake = () => {
          this.#waiting.delete(wake);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    }
  }

  /** Stops reading until as many `release` calls followed. */
  hold(): void {
    this.#holds++;
    this.#readable.pause();
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0 && !this.#ended) this.#readable.resume();
  }

  /**
   * Sends what was written and passes over what still comes until the other side closes too, for a second at most:
   * closing with bytes unread would take the last words away from a side that is writing.
   */
  close(): void {
    this.#end(null);
    this.#writable.end();
    this.#readable.resume();
    setTimeout(() => this.destroy(), 1000).unref();
  }

  destroy(): void {
    this.#end(null);
    this.#writable.destroy();
    this.#readable.destroy();
  }

  #work(frames: Generator<unknown, void, void>): void {
    try {
      for (let step = frames.next(); !step.done; step = frames.next()) {
        if (this.#ended) return;
        const busy = this.#events.frame(asFrame(step.value));
        if (busy) {
          this.#working = true;
          this.hold();
          busy.then(
            () => {
              this.#working = false;
              this.#work(frames);
              this.release();
            },
            error => this.#end(asVdbError(error)),
          );
          return;
        }
      }
      if (this.#gone) this.#end(this.#failure);
    } catch (error) {
      this.#end(asVdbError(error));
    }
  }

  /** A socket tells its end even while it is paused; the frames that came before are worked on first. */
  #left(error: VdbError | null): void {
    if (!this.#gone) this.#failure = error;
    this.#gone = true;
    this.#wake();
    if (!this.#working) this.#end(this.#failure);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #end(error: VdbError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
    this.#events.end(error);
  }
}

function asFrame(value: unknown): Frame {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Frame;
  throw new VdbError('protocol', 'a message is not a JSON object', { reason: 'bad_answer' });
}

function lost(error: Error & { code?: string }): VdbError {
  return new VdbError('unreachable', 'the connection between vdb and its daemon broke', {
    reason: 'reset',
    cause: error.code ?? error.message,
  });
}
