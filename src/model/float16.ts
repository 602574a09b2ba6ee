/** Float16 (IEEE binary16) bits and the numbers they stand for. Every float16 is a float32 exactly. */

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

export function float16Value(half: number): number {
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  const sign = half >> 15 ? -1 : 1;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** The bits of a float32 that is a float16 exactly; -1 when it is none, or not finite. */
export function float16Bits(value: number): number {
  single[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = Math.abs(single[0]!);
  if (!(magnitude <= 65504)) return -1;
  if (magnitude < 2 ** -14) {
    const steps = magnitude * 2 ** 24;
    return Number.isInteger(steps) ? sign | steps : -1;
  }
  if (word & 0x1fff) return -1;
  return sign | ((((word >>> 23) & 255) - 112) << 10) | ((word >>> 13) & 1023);
}
