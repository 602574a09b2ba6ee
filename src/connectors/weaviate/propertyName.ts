/** What a property may be called (entities/schema/validation.go of 1.38.11), and vdb's own properties. */

export const DOCUMENT = 'document';
/** The original of a derived id: `s:text` or `i:7`. */
export const ID_MARK = '_vdb_id';
/** What properties cannot hold: see sidecar.ts. */
export const SIDECAR = '_vdb_x';
/** Which keys have values that the property's index does not show: see hidden.ts. */
export const HIDDEN = '_vdb_k';
export const OWN = [ID_MARK, SIDECAR, HIDDEN];

/** Keys that users may not write. */
export function isReserved(key: string): boolean {
  return OWN.includes(key) || key === '_vdb_part' || key === '_vdb_doc';
}

/** Of a property whose name begins with `_` the server indexes neither null nor length (1.38.11). */
const LEGAL = /^[a-z][_0-9A-Za-z]{0,230}$/;
const SUFFIXES = /(_propertyLength|_nullState|_searchable|_rangeable|_temp|__meta_count)$/;

/** The first letter is lowered by the server. */
function isLegal(name: string): boolean {
  return LEGAL.test(name) && !SUFFIXES.test(name) && name !== 'id';
}

/**
 * The name of a new property for a key: the key itself, or what comes near it when that is not legal or taken; null when
 * nothing of the key would be left. Names that differ only in case are one name to the server.
 */
export function nameFor(key: string, taken: ReadonlySet<string>): string | null {
  if (isLegal(key) && !taken.has(key.toLowerCase())) return key;
  const near = key
    .replace(/[^0-9A-Za-z]+/g, '_')
    .replace(/^_/, '')
    .slice(0, 200);
  if (!/[0-9A-Za-z]/.test(near)) return null;
  const first = /^\d/.test(near) ? `n${near}` : near[0]!.toLowerCase() + near.slice(1);
  for (let n = 1; n < 100; n++) {
    const name = n === 1 ? first : `${first}_${n}`;
    if (isLegal(name) && !taken.has(name.toLowerCase())) return name;
  }
  return null;
}
