import { environmentTopic } from './environment.ts';
import { exitCodesTopic } from './exitCodes.ts';
import { FILTERS_TOPIC } from './filters.ts';
import { FORMATTING_TOPIC } from './formatting.ts';
import { REFS_TOPIC } from './refs.ts';

/** `vdb help TOPIC`; man pages print the same. */
export const TOPICS = {
  environment: environmentTopic,
  'exit-codes': exitCodesTopic,
  filters: () => FILTERS_TOPIC,
  refs: () => REFS_TOPIC,
  formatting: () => FORMATTING_TOPIC,
} as const;

export type Topic = keyof typeof TOPICS;

export function isTopic(word: string): word is Topic {
  return Object.hasOwn(TOPICS, word);
}

export function topicText(topic: Topic): string {
  return TOPICS[topic]();
}
