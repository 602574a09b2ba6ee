/**
 * A label, property key, index or constraint name as Cypher text. Cypher 5 reads `\uXXXX` in names too (5.26: `` `u\u0041` ``
 * means uA), so a backslash is spelled that way itself.
 */
export function quote(name: string): string {
  return `\`${name.replaceAll('`', '``').replaceAll('\\', '\\u005c')}\``;
}
