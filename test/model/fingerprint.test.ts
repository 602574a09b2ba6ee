import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BatchDigests, digestBatch } from '../../src/model/digest.ts';
import { addHex, Fingerprint, sumDigests } from '../../src/model/fingerprint.ts';
import { parseRecords } from '../../src/model/recordLine.ts';

function digestsOf(lines: string[]): BatchDigests {
  return digestBatch(parseRecords(lines, {}).batches[0]!);
}

function fingerprintOf(...parts: string[][]): Fingerprint {
  const fingerprint = new Fingerprint();
  for (const lines of parts) fingerprint.add(digestsOf(lines));
  return fingerprint;
}

const lines = Array.from({ length: 300 }, (_, i) => `{"id":"${i}","vector":[${i},1],"metadata":{"n":${i}}}`);

test('neither order nor batches count', () => {
  const whole = fingerprintOf(lines);
  expect(fingerprintOf(lines.slice(100).reverse(), lines.slice(0, 100)).toString()).toBe(whole.toString());
  const merged = fingerprintOf(lines.slice(0, 10));
  merged.merge(fingerprintOf(lines.slice(10)));
  expect(merged.toString()).toBe(whole.toString());
  expect(merged.differingBuckets(whole)).toEqual([]);
  expect(whole.count).toBe(300);
  expect(whole.toString()).toBe(`vdb1:300:${whole.content}:${whole.vector}`);
  expect(whole.toString()).toMatch(/^vdb1:300:[0-9a-f]{32}:[0-9a-f]{32}$/);
});

test('empty', () => expect(new Fingerprint().toString()).toBe(`vdb1:0:${'0'.repeat(32)}:${'0'.repeat(32)}`));

test('a record doubled, missing or changed shows in its bucket', () => {
  const whole = fingerprintOf(lines);
  const bucket = (line: string) => [digestsOf([line]).bucket[0]!];
  expect(fingerprintOf(lines, [lines[5]!], [lines[5]!]).differingBuckets(whole)).toEqual(bucket(lines[5]!));
  expect(fingerprintOf(lines.slice(1)).differingBuckets(whole)).toEqual(bucket(lines[0]!));
  const vector = fingerprintOf(lines.slice(1), ['{"id":"0","vector":[-0,1],"metadata":{"n":0}}']);
  expect(vector.differingBuckets(whole)).toEqual(bucket(lines[0]!));
  expect(vector.differingBuckets(whole, true)).toEqual([]);
  expect(vector.content).toBe(whole.content);
  expect(vector.vector).not.toBe(whole.vector);
});

test('sums are those of 128-bit numbers', () => {
  const digest = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const extreme = fc.constantFrom(
    new Uint8Array(16).fill(255),
    new Uint8Array(16),
    Uint8Array.of(...new Uint8Array(15), 1),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(digest, extreme), { maxLength: 20 }), fc.nat(20), (list, cut) => {
      const of = (part: Uint8Array[]): BatchDigests => ({
        count: part.length,
        content: Buffer.concat(part),
        vector: Buffer.concat(part),
        bucket: Uint16Array.from(part, bytes => (bytes[0]! << 4) | (bytes[1]! >> 4)),
      });
      const sum =
        list.reduce((total, bytes) => total + BigInt(`0x${Buffer.from(bytes).toString('hex')}`), 0n) % 2n ** 128n;
      const hex = sum.toString(16).padStart(32, '0');
      const fingerprint = new Fingerprint();
      fingerprint.add(of(list));
      expect(fingerprint.content).toBe(hex);
      expect(sumDigests(of(list)).vector).toBe(hex);
      expect(addHex(sumDigests(of(list.slice(cut))).content, sumDigests(of(list.slice(0, cut))).content)).toBe(hex);
    }),
  );
});

test('the state survives a structured clone', () => {
  const whole = fingerprintOf(lines);
  expect(Fingerprint.fromState(structuredClone(whole.state)).toString()).toBe(whole.toString());
});
