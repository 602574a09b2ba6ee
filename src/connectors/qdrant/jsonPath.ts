import type { FieldPath } from '../../model/filter/filter.ts';

/*
 * Payload keys in filters are JSON paths: `a.b`, `"a.b"` for a key with a dot, `a[]` for all elements of an array. A quoted key
 * can hold anything but a quote and a backslash (segment/src/json_path/parse.rs of Qdrant 1.18).
 */

const PLAIN = /^[A-Za-z0-9_-]+$/;

/** The path as text; undefined when it cannot be spelled. The empty key is left out too, as older servers refuse it. */
export function pathText(path: FieldPath): string | undefined {
  const parts: string[] = [];
  for (const key of path) {
    if (key === '' || /["\\]/.test(key)) return undefined;
    parts.push(PLAIN.test(key) ? key : `"${key}"`);
  }
  return parts.join('.');
}

/** The keys of a path that a server spells; undefined when it goes into arrays. */
export function parsePath(text: string): FieldPath | undefined {
  const keys: string[] = [];
  const key = /(?:"([^"]*)"|([^."[\]]+))(\.|$)/y;
  while (key.lastIndex < text.length) {
    const match = key.exec(text);
    if (match === null) return undefined;
    keys.push(match[1] ?? match[2]!);
  }
  return keys;
}
