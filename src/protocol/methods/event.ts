export type * from '../../model/event.ts';

export interface EventMethods {
  /**
   * Streams events as JSON texts: without `follow` the last thousand, with it those that happen from now on, until the caller
   * cancels or the daemon stops. A reader that is behind by more than a thousand is told so by `events.dropped`.
   * `types` are types, or families as `connection`.
   */
  'event.follow': { params: { types?: string[]; follow: boolean }; item: string; result: { count: number } };
}
