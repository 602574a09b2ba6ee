import { appendFile, open, readFile } from 'node:fs/promises';
import type { ErrorJson } from '../../model/errors.ts';
import { fileError } from '../files/fileError.ts';
import { replaceFile } from '../files/replaceFile.ts';

/** One record that the target refused: a line of `dead-letters.ndjson` beside the journal. */
export interface DeadLetter {
  job: string;
  range: number;
  n: number;
  /** `idKey` of the id, which tells 7 from "7". */
  key: string;
  id: string;
  code: ErrorJson['code'];
  reason?: ErrorJson['reason'];
  message: string;
  attempts: number;
  /** The target holds a record of this id all the same: an earlier one, or a part of the refused batch. */
  inTarget: boolean;
  /** The record as one line of JSON. */
  record: string;
}

/** Appends and syncs; before the batch's journal line, so that a counted dead letter is never missing from the file. */
export async function appendDeadLetters(path: string, letters: DeadLetter[]): Promise<void> {
  if (letters.length === 0) return;
  try {
    await appendFile(path, letters.map(letter => `${JSON.stringify(letter)}\n`).join(''), { mode: 0o600 });
    const file = await open(path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, 'write', path);
  }
}

/** The letters of a file, none when there is none; a torn last line is left out. */
export async function readDeadLetters(path: string): Promise<DeadLetter[]> {
  return parse(await readText(path));
}

/** Removes letters of batches that the journal does not hold (those are sent again) and a torn last line. Returns what stays. */
export async function keepDeadLetters(path: string, keep: (letter: DeadLetter) => boolean): Promise<DeadLetter[]> {
  const text = await readText(path);
  const kept = parse(text).filter(keep);
  const rest = kept.map(letter => `${JSON.stringify(letter)}\n`).join('');
  if (rest !== text) await replaceFile(path, rest);
  return kept;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw fileError(error, 'read', path);
  }
}

function parse(text: string): DeadLetter[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as DeadLetter);
}
