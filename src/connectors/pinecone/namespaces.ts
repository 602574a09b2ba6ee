/** How paths and listings call the namespace that requests mean when they name none. */
export const DEFAULT_NAMESPACE = '__default__';

/** A partition as requests name it; undefined is the default namespace. */
export function namespaceOf(partition: string): string | undefined {
  return partition === '' || partition === DEFAULT_NAMESPACE ? undefined : partition;
}

/** The partition that records of a namespace belong to: '' for the default one, in either of its spellings. */
export function partitionOf(namespace: string): string {
  return namespace === DEFAULT_NAMESPACE ? '' : namespace;
}
