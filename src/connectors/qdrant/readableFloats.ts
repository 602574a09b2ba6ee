/*
 * Qdrant reads JSON with serde_json, which without its feature float_roundtrip is only nearly right: of
 * 117.63331139400017 it makes 117.63331139400016 (serde-rs/json#604). Its steps are known: as many digits as fit into 64 bits,
 * rounded to a double, then one multiplication or division by a power of ten. Where they miss (1 in 6), another spelling within
 * the same rounding interval is written, of which both an exact reader and that one make the double that was meant.
 */

/** May hold a float with more digits than a double holds for certain, or with an exponent; false alarms only cost time. */
const SUSPECT = /[\d.]{16}|\d[eE]/;
/** Strings, which stay, or number tokens. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const LIMIT = 2n ** 64n;
/** Spellings tried on either side of a value. */
const STEPS = 32;

/** The same JSON with floats spelled so that the server reads them exactly; `exact` is false when there is none for some (1 in 1,000). */
export function readableFloats(json: string): { text: string; exact: boolean } {
  if (!SUSPECT.test(json)) return { text: json, exact: true };
  let exact = true;
  const text = json.replace(TOKENS, token => {
    if (token[0] === '"' || !/[.eE]/.test(token)) return token;
    const spelled = readable(token);
    if (spelled === undefined) exact = false;
    return spelled ?? token;
  });
  return { text, exact };
}

function readable(token: string): string | undefined {
  const value = Number(token);
  if (nearly(token) === value) return token;
  for (let digits = 16; digits <= 20; digits++) {
    for (const text of around(value, digits)) if (Number(text) === value && nearly(text) === value) return text;
  }
  return undefined;
}

/** Decimals of so many digits over the rounding interval of a value, the nearest first. */
function* around(value: number, digits: number): Generator<string> {
  const [, sign, first, rest = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(
    value.toExponential(digits - 1),
  )!;
  const whole = BigInt(first! + rest);
  const half = Number(whole) * 2 ** -53;
  const stride = BigInt(Math.max(1, Math.floor(half / STEPS)));
  for (let step = 0n; step <= 2 * STEPS; step++) {
    for (const near of step === 0n ? [whole] : [whole - step * stride, whole + step * stride]) {
      yield `${sign}${near}e${Number(exponent) - digits + 1}`;
    }
  }
}

/** What serde_json's default reader makes of a float token (serde_json 1.0, de.rs: parse_decimal, f64_from_parts). */
export function nearly(token: string): number {
  const [, sign, whole, fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(token)!;
  let significand = 0n;
  let exponent = Number(power);
  let full = false;
  for (const digit of whole!) {
    const next = significand * 10n + BigInt(digit);
    if (full || next >= LIMIT) {
      full = true;
      exponent++;
    } else significand = next;
  }
  for (const digit of fraction) {
    const next = significand * 10n + BigInt(digit);
    if (full || next >= LIMIT) break;
    significand = next;
    exponent--;
  }
  let value = Number(significand);
  while (exponent < -308 && value !== 0) {
    value /= 1e308;
    exponent += 308;
  }
  if (exponent > 308) return value === 0 ? 0 : Number.POSITIVE_INFINITY;
  const scale = Number(`1e${Math.abs(exponent)}`);
  value = exponent < 0 ? value / scale : value * scale;
  return sign === '-' ? -value : value;
}
