/**
 * A float as serde_json reads it without its feature float_roundtrip: up to 64 bits of digits, then one multiplication or
 * division by a power of ten, so that some of 16 digits and more come out one step off (serde-rs/json#604).
 */
export function serdeFloat(token: string): number {
  const [mantissa, power = '0'] = token.replace(/^-/, '').toLowerCase().split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  let digits = whole;
  let exponent = Number(power);
  while (BigInt(digits) >= 2n ** 64n) {
    digits = digits.slice(0, -1);
    exponent++;
  }
  if (digits.length === whole.length) {
    for (const digit of fraction) {
      if (BigInt(digits + digit) >= 2n ** 64n) break;
      digits += digit;
      exponent--;
    }
  }
  let value = Number(BigInt(digits));
  for (; exponent < -308 && value !== 0; exponent += 308) value /= 1e308;
  if (value !== 0) value = scaled(value, exponent);
  if (!Number.isFinite(value)) throw new SyntaxError('number out of range');
  return token.startsWith('-') ? -value : value;
}

function scaled(value: number, exponent: number): number {
  const power = Number(`1e${Math.abs(exponent)}`);
  return exponent < 0 ? value / power : value * power;
}
