/** An identifier as SQL text. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string constant as SQL text, whatever `standard_conforming_strings` is. COPY takes no parameters. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** A `text[]` constant. */
export function literalArray(texts: string[]): string {
  return texts.length === 0 ? `'{}'::text[]` : `array[${texts.map(literal).join(',')}]::text[]`;
}
