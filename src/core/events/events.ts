import type { Event, EventData, EventType } from '../../model/event.ts';
import { EventReader } from './eventReader.ts';

/** As many of the last events are remembered. */
const REMEMBERED = 1_000;

/** What happened in this process: told once, read by any number of readers. Telling never waits and never throws. */
export class Events {
  readonly #readers = new Set<EventReader>();
  #recent: Event[] = [];
  #closed = false;

  tell<T extends EventType>(
    type: T,
    data: EventData[T],
    { session = null, connection = null }: { session?: string | null; connection?: string | null } = {},
  ): void {
    const event: Event = { time: new Date().toISOString(), type, session, connection, data: { ...data } };
    this.#recent.push(event);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    for (const reader of this.#readers) reader.push(event);
  }

  /** The last events, oldest first. */
  recent(): readonly Event[] {
    return this.#recent;
  }

  /** Reads what happens from now on. To be ended. */
  reader(accepts: (event: Event) => boolean = () => true): EventReader {
    const reader = new EventReader(accepts, ended => this.#readers.delete(ended));
    if (this.#closed) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  /** Ends all readers: they would keep a process that is stopping. */
  close(): void {
    this.#closed = true;
    for (const reader of [...this.#readers]) reader.end();
  }
}
