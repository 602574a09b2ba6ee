/** A column in a filter. Double quotes would make a string; Lance's names cannot hold a backtick. */
export function column(name: string): string {
  return `\`${name}\``;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The lowest 64-bit integer is no literal: the parser reads its digits before the sign. */
export function integer(value: bigint): string {
  return value === -(2n ** 63n) ? `cast('${value}' as bigint)` : value.toString();
}

/** With an exponent, so that it never is taken for an integer or a decimal. */
export function float(value: number): string {
  return Object.is(value, -0) ? '-0e+0' : value.toExponential();
}

/** Two-valued: SQL's unknown is false. */
export function certain(condition: string): string {
  return `coalesce(${condition}, false)`;
}
