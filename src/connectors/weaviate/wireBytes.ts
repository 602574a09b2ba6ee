import type { SearchResult } from './wire/messages.ts';

/** About what an object takes on the wire, and as a record. */
export function wireBytes({ properties, metadata }: SearchResult): number {
  let bytes = 128 + metadata.vector_bytes.length;
  for (const { vector_bytes } of metadata.vectors) bytes += vector_bytes.length;
  for (const { value } of properties?.non_ref_props?.fields ?? []) {
    if (value?.kind === 'text_value') bytes += value.text_value.length;
    else if (value?.kind === 'blob_value') bytes += value.blob_value.length;
    else if (value?.kind !== 'null_value') bytes += 16;
  }
  return bytes;
}
