import type { StoredVector } from './namespaceStore.ts';

export function byId(found: StoredVector[], widen: boolean): unknown {
  return Object.fromEntries(found.map(each => [each.id, { id: each.id, ...jsonOf(each, widen) }]));
}

/** `-0` survives, which JSON.stringify would drop: a RawJson is printed as it is. */
export function jsonOf({ values, sparse, metadata }: StoredVector, widen: boolean): Record<string, unknown> {
  return {
    values: new RawJson(`[${[...values, ...(widen ? [1] : [])].map(spelled).join(',')}]`),
    ...(sparse && {
      sparseValues: { indices: sparse.indices, values: new RawJson(`[${[...sparse.values].map(spelled).join(',')}]`) },
    }),
    ...(metadata && { metadata }),
  };
}

function spelled(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

class RawJson {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export function printed(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(printed).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${printed(item)}`).join(',')}}`;
}
