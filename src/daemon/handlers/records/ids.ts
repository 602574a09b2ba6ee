import type { Call, CollectionRef, Database } from '../../../core/connector.ts';
import { VdbError } from '../../../model/errors.ts';
import { type Id, idKind } from '../../../model/id.ts';
import type { IdType } from '../../../protocol/methods/shared.ts';
import { NOTHING } from './want.ts';

const INTEGER = /^(0|-?[1-9]\d{0,19})$/;

/** Ids asked for in one call to the database. */
export const ID_CHUNK = 500;

export function chunks<T>(list: T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < list.length; at += size) parts.push(list.slice(at, at + size));
  return parts;
}

/** What an id typed by a person may mean: of the kind asked for, else text, and an integer when it reads like one. Throws `usage`. */
export function candidates(text: string, type: IdType | undefined): Id[] {
  if (text === '') throw new VdbError('usage', 'an id is empty');
  switch (type) {
    case 'string':
      return [text];
    case 'int':
      if (INTEGER.test(text)) return [BigInt(text)];
      throw new VdbError('usage', `'${text}' is not an integer id`);
    case 'uuid':
      if (idKind(text.toLowerCase()) === 'uuid') return [text.toLowerCase()];
      throw new VdbError('usage', `'${text}' is not a UUID`);
    default:
      return INTEGER.test(text) ? [text, BigInt(text)] : [text];
  }
}

/** The ids as the collection holds them: a text that also reads as an integer is looked up, as text first. Ids not there come as text. */
export async function resolveIds(
  database: Database,
  ref: CollectionRef,
  texts: string[],
  type: IdType | undefined,
  call: Call,
): Promise<Id[]> {
  const meant = [...new Set(texts)].map(text => candidates(text, type));
  const unclear = meant.flatMap(([text, integer]) => (integer === undefined ? [] : [text!]));
  const found = new Set<Id>();
  for (const chunk of chunks(unclear, ID_CHUNK)) {
    for (const id of (await database.fetch(ref, chunk, NOTHING, call)).ids) found.add(id);
  }
  const integers = meant.flatMap(([text, integer]) => (integer === undefined || found.has(text!) ? [] : [integer]));
  for (const chunk of chunks(integers, ID_CHUNK)) {
    for (const id of (await database.fetch(ref, chunk, NOTHING, call)).ids) found.add(id);
  }
  return meant.map(([text, integer]) => (integer !== undefined && found.has(integer) ? integer : text!));
}
