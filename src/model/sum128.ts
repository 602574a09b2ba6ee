/**
 * Sums of digests mod 2^128. A digest is read as a number of four 32-bit words, most significant first; sums stand as such
 * words in a Uint32Array, four each, and print as 32 hexadecimal digits.
 */

/** Adds the digest at byte `from` of `digests` to the sum at word `at`. */
export function addDigest(sums: Uint32Array, at: number, digests: Uint8Array, from: number): void {
  let carry = 0;
  for (let word = 3; word >= 0; word--) {
    const i = from + word * 4;
    const value = ((digests[i]! << 24) | (digests[i + 1]! << 16) | (digests[i + 2]! << 8) | digests[i + 3]!) >>> 0;
    const sum = sums[at + word]! + value + carry;
    sums[at + word] = sum;
    carry = sum > 0xffffffff ? 1 : 0;
  }
}

/** Adds the sum at word `from` of `others` to the one at word `at`. */
export function addSum(sums: Uint32Array, at: number, others: Uint32Array, from: number): void {
  let carry = 0;
  for (let word = 3; word >= 0; word--) {
    const sum = sums[at + word]! + others[from + word]! + carry;
    sums[at + word] = sum;
    carry = sum > 0xffffffff ? 1 : 0;
  }
}

export function sumHex(sums: Uint32Array, at: number): string {
  let text = '';
  for (let word = 0; word < 4; word++) text += sums[at + word]!.toString(16).padStart(8, '0');
  return text;
}

/** The sum of two sums in hexadecimal. */
export function addHex(a: string, b: string): string {
  return ((BigInt(`0x${a}`) + BigInt(`0x${b}`)) & ((1n << 128n) - 1n)).toString(16).padStart(32, '0');
}
