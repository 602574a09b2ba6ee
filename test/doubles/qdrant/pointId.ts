import { type Json, Num } from './json.ts';
import { badFormat, wrongInput } from './refusal.ts';

/** An integer of 64 bits, or a UUID in lower case with hyphens. */
export type PointId = bigint | string;

const UUID =
  /^(?:urn:uuid:)?\{?([0-9a-fA-F]{8})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{4})-?([0-9a-fA-F]{12})\}?$/;

export function pointIdOf(json: Json | undefined): PointId {
  if (json instanceof Num && !json.isFloat && BigInt(json.text) >= 0n) return BigInt(json.text);
  if (typeof json === 'string') {
    const match = UUID.exec(json);
    if (match) return match.slice(1).join('-').toLowerCase();
  }
  const shown = json instanceof Num ? json.text : String(json);
  throw badFormat(`value ${shown} is not a valid point ID, valid values are either an unsigned integer or a UUID`);
}

/** Of a path. */
export function pointIdFromText(text: string): PointId {
  if (/^\d+$/.test(text)) return BigInt(text);
  const match = UUID.exec(text);
  if (match) return match.slice(1).join('-').toLowerCase();
  throw wrongInput(`Can not recognize "${text}" as point id`);
}

/** Integers ascending, then UUIDs. */
export function compareIds(a: PointId, b: PointId): number {
  if (typeof a !== typeof b) return typeof a === 'bigint' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
