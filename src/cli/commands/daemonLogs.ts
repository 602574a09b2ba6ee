import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { VdbError } from '../../model/errors.ts';
import { directories } from '../../protocol/directories.ts';
import type { CommandSpec } from '../command.ts';
import type { CommandContext } from '../context.ts';
import { wholeEnvironment } from '../environment.ts';
import { wholeNumber } from '../numbers.ts';

const LOOK_EVERY_MS = 200;
const PIECE_BYTES = 64 * 1024;

export const command: CommandSpec = {
  description: 'One JSON object a line, as it stands in vdbd.log of the state directory.',
  options: [
    { flags: '-f, --follow', help: 'go on printing what is added' },
    { flags: '--lines <n>', help: 'how many of the last lines', parse: wholeNumber, default: 100 },
  ],
  examples: [
    { command: 'vdb daemon logs', text: 'the last 100 lines' },
    { command: 'vdb daemon logs -f --lines 0', text: 'only what is new' },
  ],
  async run(context, _args, { follow, lines }) {
    const path = join(directories(wholeEnvironment()).stateDir, 'vdbd.log');
    let position = 0;
    let text: string;
    try {
      ({ text, position } = await readFrom(path, 0));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error as Error);
      if (!follow) throw new VdbError('not_found', `there is no log at ${path}`, { hint: 'No daemon has run yet.' });
      text = '';
    }
    await context.output.piece(lines === 0 ? '' : lastLines(text, lines));
    if (follow) await followFrom(context, path, position);
    return 0;
  },
};

/** Reads on at each look; a file that became shorter was rotated and is read from its start. */
async function followFrom(context: CommandContext, path: string, start: number): Promise<void> {
  let position = start;
  while (!context.interrupts.signal.aborted) {
    try {
      const added = await readFrom(path, position);
      position = added.position;
      await context.output.piece(added.text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      position = 0;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.interrupts.signal }).catch(() => undefined);
  }
}

/** Whole lines from a position on, and the position behind them. */
async function readFrom(path: string, from: number): Promise<{ text: string; position: number }> {
  const file = await open(path, 'r');
  const pieces: Buffer[] = [];
  let position = from;
  try {
    const { size } = await file.stat();
    if (size < from) position = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, position);
      if (bytesRead === 0) break;
      pieces.push(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
  } finally {
    await file.close();
  }
  const all = Buffer.concat(pieces);
  const whole = all.subarray(0, all.lastIndexOf(0x0a) + 1);
  return { text: whole.toString('utf8'), position: position - (all.length - whole.length) };
}

function lastLines(text: string, count: number): string {
  const lines = text.split('\n');
  return lines.slice(Math.max(0, lines.length - 1 - count)).join('\n');
}

function unreadable(path: string, error: Error): VdbError {
  return new VdbError('io', `${path} cannot be read`, { cause: error.message });
}
