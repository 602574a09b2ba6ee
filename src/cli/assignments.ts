import { VdbError } from '../model/errors.ts';

/** KEY=VALUE texts as pairs; a value may hold `=`. Throws `usage` naming the option; of a key given twice too. */
export function assignments(texts: readonly string[], option: string): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    const key = text.slice(0, equals);
    if (equals < 1) throw new VdbError('usage', `${option} '${text}' is not KEY=VALUE`);
    if (pairs.has(key)) throw new VdbError('usage', `${option} gives '${key}' twice`);
    pairs.set(key, text.slice(equals + 1));
  }
  return Object.fromEntries(pairs);
}

/** A value as typed → its JSON text: as it stands when it is JSON, else a string. */
export function jsonText(value: string): string {
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}
