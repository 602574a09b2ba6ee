/** Raises a counter in a state file: argv is the path and how often. Prints a line per raise that was acknowledged. */
import { writeSync } from 'node:fs';
import { StateFile } from '../../../src/core/files/stateFile.ts';

interface Counter {
  version: 1;
  revision?: number;
  count: number;
}

const [path, times] = process.argv.slice(2);
const file = new StateFile<Counter>(path!, {
  what: 'counter',
  empty: { version: 1, count: 0 },
  check: () => undefined,
});
for (let i = 0; i < Number(times); i++) {
  await file.update(document => {
    document.count++;
  });
  writeSync(1, '+');
}
