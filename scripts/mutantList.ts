/** One deliberate fault, and the tests that must notice it. `find` occurs exactly once in `file`. */
export interface Mutant {
  name: string;
  file: string;
  find: string;
  replace: string;
  tests: string[];
}

export const MUTANTS: Mutant[] = [
  {
    name: 'digest without vectors',
    file: 'src/model/digest.ts',
    find: 'if (isPresent(column, row)) writeVector(column, head, memory, row);',
    replace: 'void [column, head, memory];',
    tests: ['test/core/transfer'],
  },
  {
    name: 'constant digest',
    file: 'src/model/digest.ts',
    find: "content.write(sha256(), row * DIGEST_BYTES, DIGEST_BYTES, 'latin1');",
    replace: "content.write('0123456789abcdef', row * DIGEST_BYTES, DIGEST_BYTES, 'latin1');",
    tests: ['test/core/transfer'],
  },
  {
    name: 'verify reads the source twice',
    file: 'src/core/transfer/verify.ts',
    find: 'readFingerprint(target, pool, call, { onRead }),',
    replace: 'readFingerprint(source, pool, call, { onRead }),',
    tests: ['test/core/transfer'],
  },
  {
    name: 'minus zero folded in vectors',
    file: 'src/model/digest.ts',
    find: 'return Buffer.from(values.buffer, values.byteOffset, values.byteLength);',
    replace:
      'const folded = values.map(value => value + 0 || 0); return Buffer.from(folded.buffer, folded.byteOffset, folded.byteLength);',
    tests: ['test/model/digest.test.ts'],
  },
  {
    name: 'journal acknowledged before the write',
    file: 'src/core/transfer/pipeline.ts',
    find: `    const [digests, refused] = await Promise.all([
      digesting,
      batch.count > 0 ? this.#writer.write(batch, call) : ([] as RefusedRow[]),
    ]);
    failpoint('batch.acked');`,
    replace: `    const refused: RefusedRow[] = [];
    const digests = await digesting;
    await this.#acknowledge(item, refused, before, digests);
    if (batch.count > 0) await this.#writer.write(batch, call);
    failpoint('batch.acked');
    return;`,
    tests: ['test/core/transfer'],
  },
  {
    name: 'resume still passes absent',
    file: 'src/core/transfer/runJob.ts',
    find: 'absent: fresh && !this.#resumed,',
    replace: 'absent: fresh,',
    tests: ['test/core/transfer'],
  },
  {
    name: 'retry still passes absent',
    file: 'src/core/retry.ts',
    find: "name === 'upsert' && number > 1 ? withoutAbsent(args) : args",
    replace: 'name && number && withoutAbsent ? args : args',
    tests: ['test/core'],
  },
];
