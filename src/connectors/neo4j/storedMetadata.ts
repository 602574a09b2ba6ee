import { VdbError } from '../../model/errors.ts';
import { members } from '../../model/json/members.ts';
import { isProperty, type Layout, RESERVED, SIDECAR } from './layout.ts';
import { parseSidecar, printSidecar, type Sidecar } from './sidecar.ts';
import { toProperty, valueText } from './storedValue.ts';

/** Property key → value, without a prototype, because any text is a key. */
export type Properties = Record<string, unknown>;

export function noProperties(): Properties {
  return Object.create(null) as Properties;
}

/** Puts metadata and uri among the properties of a node. Throws `invalid` (reserved_key). */
export function storeMetadata(
  layout: Layout,
  metadata: string | undefined,
  uri: string | undefined,
  into: Properties,
): void {
  const sidecar: Sidecar = { only: new Map(), spelled: new Map(), nulls: [], uri };
  for (const { key, kind, start, end } of metadata === undefined ? [] : members(metadata)) {
    if (RESERVED.includes(key)) {
      throw new VdbError('invalid', `the metadata key '${key}' is reserved`, {
        reason: 'reserved_key',
        outcome: 'not_applied',
      });
    }
    if (kind === 'null') {
      sidecar.nulls.push(key);
      continue;
    }
    const text = metadata!.slice(start, end);
    const property = isProperty(layout, key) ? toProperty(kind, text) : undefined;
    if (property === undefined) sidecar.only.set(key, text);
    else {
      into[key] = property.value;
      if (!property.exact) sidecar.spelled.set(key, text);
    }
  }
  const text = printSidecar(sidecar);
  if (text !== undefined) into[SIDECAR] = text;
}

const quoted = new Map<string, string>();

/** A key as JSON text; there are few different ones. */
function keyText(key: string): string {
  let text = quoted.get(key);
  if (text === undefined) {
    if (quoted.size > 10_000) quoted.clear();
    text = JSON.stringify(key);
    quoted.set(key, text);
  }
  return text;
}

/** Metadata and uri out of a node's properties; `skip` are those that are something else. */
export function readMetadata(
  properties: Properties,
  skip: (key: string, value: unknown) => boolean,
): { metadata: string | undefined; uri: string | undefined } {
  const stored = properties[SIDECAR];
  const sidecar = typeof stored === 'string' ? parseSidecar(stored) : undefined;
  const found: string[] = [];
  for (const key of Object.keys(properties)) {
    const value = properties[key];
    if (value === null || value === undefined || RESERVED.includes(key) || skip(key, value)) continue;
    found.push(`${keyText(key)}:${spelling(key, value, sidecar)}`);
  }
  if (sidecar !== undefined) {
    // The driver's objects have a prototype, and with it a `__proto__` that nobody stored.
    const missing = (key: string) =>
      !Object.hasOwn(properties, key) || properties[key] === null || skip(key, properties[key]);
    for (const [key, text] of sidecar.only) if (missing(key)) found.push(`${keyText(key)}:${text}`);
    for (const key of sidecar.nulls) if (missing(key)) found.push(`${keyText(key)}:null`);
  }
  return { metadata: found.length === 0 ? undefined : `{${found.join(',')}}`, uri: sidecar?.uri };
}

/** The sidecar's spelling as long as it still means what the property holds. */
function spelling(key: string, value: unknown, sidecar: Sidecar | undefined): string {
  const text = valueText(value);
  const spelled = sidecar?.spelled.get(key);
  if (spelled === undefined) return text;
  const near = toProperty(spelled.startsWith('[') ? 'array' : 'object', spelled);
  return near !== undefined && valueText(near.value) === text ? spelled : text;
}
