import { members } from '../../model/json/members.ts';

/**
 * The value at a field path of an object's JSON text, as its own text, so that numbers keep their spelling.
 * Undefined when it is absent. A key that holds dots is found before a path through objects is.
 */
export function pick(text: string, path: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  const found = members(text);
  for (let dot = path.length; dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const member = found.find(({ key }) => key === path.slice(0, dot));
    if (!member) continue;
    const value = text.slice(member.start, member.end);
    return dot === path.length ? value : pick(value, path.slice(dot + 1));
  }
  return undefined;
}

/** The columns of rows that nobody named columns of: the keys of the first. */
export function keysOf([first]: readonly string[]): string[] {
  return first?.startsWith('{') ? members(first).map(({ key }) => key) : [];
}

/** The object with only these fields, in this order; absent ones are left out. */
export function project(text: string, fields: readonly string[]): string {
  const parts: string[] = [];
  for (const field of fields) {
    const value = pick(text, field);
    if (value !== undefined) parts.push(`${JSON.stringify(field)}:${value}`);
  }
  return `{${parts.join(',')}}`;
}
