const POWERS = Float64Array.from({ length: 309 }, (_, i) => Number(`1e${i}`));

/*
 * Chroma (1.5.9) reads numbers with serde_json without its `float_roundtrip`: the digits as u64 → f64, then one multiplication
 * or division by a power of ten. So of floats that take 17 digits one in six becomes its neighbour.
 */

/** A float as JSON text that the server reads as exactly this float, and any other reader too; undefined when there is none. */
export function floatText(value: number): string | undefined {
  const shortest = digitsOf(value.toExponential());
  if (storedAs(shortest) === Math.abs(value)) return print(value, shortest);
  for (const precision of [17, 18, 19]) {
    const near = digitsOf(value.toExponential(precision - 1));
    for (const digits of neighbours(near.digits)) {
      const spelling = { digits, exponent: near.exponent };
      if (storedAs(spelling) !== Math.abs(value)) continue;
      const text = print(value, spelling);
      if (Number(text) === value) return text;
    }
  }
  return undefined;
}

/** Whether the float comes back as it was: the local server keeps it as text in its log, and reads that once more. */
export function isKept(value: number): boolean {
  const { digits, exponent } = digitsOf(value.toExponential());
  const whole = exponent >= 0 && String(digits).length + exponent <= 16;
  // A whole number is spelled with `.0`, which is one more digit.
  const logged = whole ? { digits: digits * 10n ** BigInt(exponent + 1), exponent: -1 } : { digits, exponent };
  return storedAs(logged) === Math.abs(value);
}

interface Spelling {
  digits: bigint;
  exponent: number;
}

function print(value: number, { digits, exponent }: Spelling): string {
  return `${value < 0 ? '-' : ''}${digits}e${exponent}`;
}

/** Of the text of `toExponential`. */
function digitsOf(text: string): Spelling {
  const [, whole, fraction = '', exponent] = /^-?(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)!;
  return { digits: BigInt(whole! + fraction), exponent: Number(exponent) - fraction.length };
}

/** `f64_from_parts` of serde_json 1.0. */
function storedAs({ digits, exponent }: Spelling): number {
  let value = Number(digits);
  let left = exponent;
  for (; left < -308 && value !== 0; left += 308) value /= 1e308;
  return left < 0 ? value / POWERS[Math.min(-left, 308)]! : value * POWERS[left]!;
}

/** The numbers nearest to these digits that a double holds, the digits as they are first. */
function neighbours(digits: bigint): bigint[] {
  const found = [digits];
  let below = Number(digits);
  let above = below;
  const step = 2 ** (Math.floor(Math.log2(below)) - 52);
  found.push(BigInt(below));
  for (let i = 0; i < 3; i++) {
    below -= step;
    above += step;
    found.push(BigInt(above), BigInt(below));
  }
  return found.filter(each => each > 0n && each < 2n ** 64n);
}
