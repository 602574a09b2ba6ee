import type { Table } from '@lancedb/lancedb';

const PREFIX = 'vdb-';

/** Tag names take letters, digits, `.`, `-` and `_`; a tag with any other letter breaks listing (0.37.1). */
export function tagOf(pin: string): string {
  const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
  return PREFIX + pin.replace(/[^A-Za-z0-9-]/gu, char => [...Buffer.from(char)].map(byte => `_${hex(byte)}`).join(''));
}

function pinOf(tag: string): string {
  return decodeURIComponent(tag.slice(PREFIX.length).replaceAll('_', '%'));
}

export async function pinsOf(table: Table): Promise<string[]> {
  const tags = await (await table.tags()).list();
  return Object.keys(tags)
    .filter(tag => tag.startsWith(PREFIX))
    .map(pinOf);
}

/** The version that the pin holds, undefined when it holds none. */
export async function pinnedVersion(table: Table, pin: string): Promise<number | undefined> {
  const tags = await (await table.tags()).list();
  return tags[tagOf(pin)]?.version;
}

/** Pins `version`, unless the pin meanwhile holds another; returns the one that it holds. */
export async function pinVersion(table: Table, pin: string, version: number): Promise<number> {
  try {
    await (await table.tags()).create(tagOf(pin), version);
    return version;
  } catch (error) {
    const other = await pinnedVersion(table, pin);
    if (other === undefined) throw error;
    return other;
  }
}

export async function unpin(table: Table, pin: string): Promise<void> {
  if ((await pinnedVersion(table, pin)) !== undefined) await (await table.tags()).delete(tagOf(pin));
}
