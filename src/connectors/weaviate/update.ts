import type { UpdateRequest } from '../../core/connector.ts';
import { type Exact, parseExact, printExact } from '../../model/json/exact.ts';

/** A record's metadata with keys set and removed; the text of what is kept may change its spelling, not its value. */
export function updateMetadata(text: string | undefined, { set, unset }: UpdateRequest): string {
  const values = text === undefined ? new Map<string, Exact>() : (parseExact(text) as Map<string, Exact>);
  for (const key of unset) values.delete(key);
  for (const [key, value] of Object.entries(set)) values.set(key, parseExact(value));
  return printExact(values);
}
