/**
 * Float32 values as decimal text: the fewest digits that read back (decimal to the nearest double, that to the nearest
 * float32, as every JSON reader does) to the same value, `-0` included. One component takes 75 ns where joining the array,
 * which prints doubles, takes 250 ns.
 */

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const INTEGER_POWERS = Int32Array.from({ length: 10 }, (_, i) => 10 ** i);
const INVERSE_POWERS = Float64Array.from({ length: 10 }, (_, i) => 1 / 10 ** i);
/** Both digits of 0 … 99, the second in the high byte. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, i) => ((48 + (i % 10)) << 8) | (48 + Math.floor(i / 10)));
/** By biased exponent of a float32: decimal exponent of the least value that has it, and half the distance to its neighbours. */
const DECIMAL_EXPONENT = Int32Array.from({ length: 256 }, (_, e) => Math.floor((e - 127) * Math.LOG10E * Math.LN2));
const HALF_ULP = Float64Array.from({ length: 256 }, (_, e) => 2 ** (e - 127 - 24));
/** 10^(e+1) at [e + 16] */
const NEXT_POWER = Float64Array.from({ length: 32 }, (_, i) => Number(`1e${i - 15}`));
/** Where nine digits scale to a whole number by one exact multiplication. */
const LEAST = 1e-13;
const LIMIT = 1e9;
/** Far above the rounding error of the scaled value (1e-7), far below a digit. */
const MARGIN = 1e-5;
/** No text of one value is longer, its comma included. */
export const MAX_TEXT = 26;

const one = new Float32Array(1);
let shared = Buffer.alloc(16 * 1024);

/** One value. Throws when it is not finite. */
export function float32Text(value: number): string {
  one[0] = value;
  return shared.toString('latin1', 0, writeFloat32s(one, 0, 1, shared, 0));
}

/** Values start … end-1, joined by commas. */
export function float32sText(values: Float32Array, start: number, end: number): string {
  const needed = (end - start) * MAX_TEXT;
  if (shared.length < needed) shared = Buffer.alloc(needed);
  return shared.toString('latin1', 0, writeFloat32s(values, start, end, shared, 0));
}

/** Writes values start … end-1, joined by commas, from byte `at` on (MAX_TEXT bytes each must fit); returns the end. */
export function writeFloat32s(values: Float32Array, start: number, end: number, into: Uint8Array, at: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let to = at;
  for (let i = start; i < end; i++) {
    if (i > start) into[to++] = 44;
    const word = bits[i]!;
    if (word >>> 31) into[to++] = 45;
    const x = Math.abs(values[i]!);
    if (!(x >= LEAST && x < LIMIT) || (word & 0x7fffff) === 0) {
      const text = shortestSlow(x);
      for (let k = 0; k < text.length; k++) into[to++] = text.charCodeAt(k);
    } else to = writeScaled(x, (word >>> 23) & 255, into, to);
  }
  return to;
}

/** Nine digits by one multiplication, then the coarsest step whose nearest multiple still lies between the neighbours' midpoints. */
function writeScaled(x: number, biased: number, into: Uint8Array, at: number): number {
  let exponent = DECIMAL_EXPONENT[biased]!;
  if (x >= NEXT_POWER[exponent + 16]!) exponent++;
  const decimals = 8 - exponent;
  const scale = POWERS[decimals]!;
  const scaled = x * scale;
  const half = HALF_ULP[biased]! * scale;
  const sure = half - MARGIN;
  let digits = (scaled + 0.5) | 0;
  let places = decimals;
  for (let step = 1; step < 10; step++) {
    const fewer = (scaled * INVERSE_POWERS[step]! + 0.5) | 0;
    const candidate = fewer * INTEGER_POWERS[step]!;
    const distance = candidate > scaled ? candidate - scaled : scaled - candidate;
    if (distance >= sure && (distance > half + MARGIN || Math.fround(candidate / scale) !== x)) break;
    digits = fewer;
    places = decimals - step;
  }
  return writeDecimal(digits, places, into, at);
}

/** digits · 10^-decimals, at least 1e-13 and below 1e9 or so. */
function writeDecimal(digits: number, decimals: number, into: Uint8Array, at: number): number {
  let n = digits;
  let places = decimals;
  for (; places < 0; places++) n *= 10;
  const count = n < 10_000_000 ? countSmall(n) : n < 100_000_000 ? 8 : n < 1_000_000_000 ? 9 : 10;
  if (places >= count && places - count < 6) {
    into[at] = 48;
    into[at + 1] = 46;
    let to = at + 2;
    for (let zeros = places - count; zeros > 0; zeros--) into[to++] = 48;
    return writeDigits(n, count, into, to);
  }
  // One digit before the point when the number is that small, else all but the decimals.
  const exponent = places >= count ? places - count + 1 : 0;
  const before = exponent > 0 ? 1 : count - places;
  let to = writeDigits(n, count, into, at);
  if (before < count) {
    into.copyWithin(at + before + 1, at + before, to);
    into[at + before] = 46;
    to++;
  }
  if (exponent > 0) {
    into[to++] = 101;
    into[to++] = 45;
    if (exponent > 9) into[to++] = 49;
    into[to++] = 48 + (exponent % 10);
  }
  return to;
}

function writeDigits(digits: number, count: number, into: Uint8Array, at: number): number {
  let n = digits;
  let to = at + count;
  while (n > 99) {
    const rest = (n / 100) | 0;
    const pair = PAIRS[n - rest * 100]!;
    into[--to] = pair >> 8;
    into[--to] = pair;
    n = rest;
  }
  const pair = PAIRS[n]!;
  into[--to] = pair >> 8;
  if (n > 9) into[--to] = pair;
  return at + count;
}

function countSmall(n: number): number {
  if (n < 1000) return n < 10 ? 1 : n < 100 ? 2 : 3;
  return n < 100_000 ? (n < 10_000 ? 4 : 5) : n < 1_000_000 ? 6 : 7;
}

/**
 * Powers of two (their midpoints are not symmetric), very small and very large values. From 2^53 on with an exponent: a
 * reader that takes tokens without `.` or `e` for integers would refuse some, and others lose digits.
 */
function shortestSlow(x: number): string {
  if (x === 0) return '0';
  if (!Number.isFinite(x)) throw new RangeError('a vector component is NaN or infinite');
  for (let digits = 1; digits < 9; digits++) {
    const value = Number(x.toPrecision(digits));
    if (Math.fround(value) === x) return plain(value);
  }
  return plain(Number(x.toPrecision(9)));
}

function plain(value: number): string {
  return value >= 2 ** 53 ? value.toExponential() : String(value);
}
