import { VdbError } from '../../model/errors.ts';
import { EVENT_TYPES, type Event } from '../../model/event.ts';
import type { EventMethods } from '../../protocol/methods/event.ts';
import type { Handlers } from '../handler.ts';

export const eventHandlers: Handlers<keyof EventMethods> = {
  async 'event.follow'({ types, follow }, request, { events }) {
    const accepts = acceptor(types);
    const send = async (found: readonly Event[]): Promise<number> => {
      await request.items(found.map(event => JSON.stringify(event)));
      return found.length;
    };
    if (!follow) return { count: await send(events.recent().filter(accepts)) };
    const reader = events.reader(accepts);
    let count = 0;
    try {
      for (;;) {
        const found = await reader.next(request.call.signal);
        if (found === null) return { count };
        count += await send(found);
      }
    } finally {
      reader.end();
    }
  },
};

/** Throws `usage` for a type or family that does not exist. */
function acceptor(types: string[] | undefined): (event: Event) => boolean {
  if (types === undefined || types.length === 0) return () => true;
  const within = (type: string, named: string): boolean => type === named || type.startsWith(`${named}.`);
  const wrong = types.find(named => !EVENT_TYPES.some(type => within(type, named)));
  if (wrong !== undefined) {
    throw new VdbError('usage', `there is no type of event '${wrong}'`, {
      hint: `There are: ${EVENT_TYPES.join(', ')}.`,
    });
  }
  return ({ type }) => types.some(named => within(type, named));
}
