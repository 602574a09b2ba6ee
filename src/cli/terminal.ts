import { closeSync, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { VdbError } from '../model/errors.ts';
import type { Stderr } from './output/stderr.ts';

/** Thrown by a prompt that was left with Ctrl-C. */
export function interrupted(): VdbError {
  return new VdbError('cancelled', 'interrupted at the prompt', { reason: 'interrupted', outcome: 'not_applied' });
}

/** Asks on the terminal itself, so that stdin stays free for data. Echo is off for secrets. */
export async function ask(stderr: Stderr, question: string, hidden: boolean): Promise<string> {
  const input = openTerminal();
  // Before the question: who answers at once must not see it echoed.
  input.setRawMode(true);
  try {
    stderr.write(question);
    return await readLine(input, stderr, hidden);
  } finally {
    input.setRawMode(false);
    input.destroy();
    stderr.write('\n');
  }
}

/** True when a person can be asked. */
export function canAsk(stderr: Stderr): boolean {
  if (!stderr.isTerminal) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

function openTerminal(): ReadStream {
  return new ReadStream(openSync('/dev/tty', 'r'));
}

/** Raw mode: nothing is echoed by the terminal, and Node restores it however the process ends. */
function readLine(input: ReadStream, stderr: Stderr, hidden: boolean): Promise<string> {
  input.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let line = '';
    input.on('error', reject);
    input.on('end', () => resolve(line));
    input.on('data', (chunk: string) => {
      for (const character of chunk) {
        if (character === '\r' || character === '\n') return resolve(line);
        if (character === '\u0003') return reject(interrupted());
        if (character === '\u0004' && line === '') return resolve(line);
        if (character === '\u007f' || character === '\b') {
          if (line !== '' && !hidden) stderr.write('\b \b');
          line = [...line].slice(0, -1).join('');
        } else if (character === '\u0015') {
          if (!hidden) stderr.write('\b \b'.repeat([...line].length));
          line = '';
        } else if (character >= ' ') {
          line += character;
          if (!hidden) stderr.write(character);
        }
      }
    });
  });
}
