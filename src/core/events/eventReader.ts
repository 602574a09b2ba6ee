import type { Event } from '../../model/event.ts';

/** Events that wait for one reader; beyond that the oldest are dropped, and the reader is told how many. */
const WAITING = 1_000;

/** One reader's own queue, so that a slow one holds up nobody and costs little. */
export class EventReader {
  readonly #accepts: (event: Event) => boolean;
  readonly #ended: (reader: EventReader) => void;
  #waiting: Event[] = [];
  #dropped = 0;
  #over = false;
  #wake = (): void => undefined;

  constructor(accepts: (event: Event) => boolean, ended: (reader: EventReader) => void) {
    this.#accepts = accepts;
    this.#ended = ended;
  }

  push(event: Event): void {
    if (!this.#accepts(event)) return;
    this.#waiting.push(event);
    if (this.#waiting.length > WAITING) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#wake();
  }

  /** All that happened since the last call; waits for something to happen. Null when nothing more will come. */
  async next(signal: AbortSignal): Promise<Event[] | null> {
    while (this.#waiting.length === 0 && !this.#over) {
      signal.throwIfAborted();
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const events = this.#waiting;
    if (events.length === 0) return null;
    const lost = this.#dropped;
    this.#waiting = [];
    this.#dropped = 0;
    return lost === 0 ? events : [droppedBefore(events[0]!, lost), ...events];
  }

  /** Nothing more comes in; what waits can still be read. */
  end(): void {
    this.#over = true;
    this.#ended(this);
    this.#wake();
  }
}

function droppedBefore({ time }: Event, count: number): Event {
  return { time, type: 'events.dropped', session: null, connection: null, data: { count } };
}
