import { crc32 } from 'node:zlib';
import type { ErrorJson } from '../../model/errors.ts';
import { VdbError } from '../../model/errors.ts';
import type { JobState } from '../../model/job.ts';
import type { MigrationResult } from '../../model/transfer.ts';
import type { JsonValue } from '../connector.ts';

/** What one acknowledged batch adds. `n` counts from 0 within its range; `after` is the cursor behind the batch. */
export interface BatchLine {
  range: number;
  n: number;
  after: JsonValue;
  /** Records read: written + filtered + dead + preexisting. */
  count: number;
  written: number;
  filtered: number;
  dead: number;
  /** Records that replaced one which the target held before the job (append with overwrite). */
  preexisting: number;
  bytes: number;
  /** Sums mod 2^128 of the digests of what is in the target now, as 32 hex digits; null when the job does not digest. */
  content: string | null;
  vector: string | null;
}

/** The target stands ready; `fresh`: this job created it or found it empty. Comes before the first batch line. */
export interface PreparedLine {
  prepared: { collection: string; fresh: boolean };
}

/** Written before the probe that tells source and target apart, so that a later run removes it. */
export interface ProbeLine {
  probe: { partition: string; id: string };
}

/** A later run took the job up. */
export interface ResumedLine {
  resumed: { at: string };
}

/** The run ended; the job's state when it is the last line. */
export interface EndLine {
  end: { state: JobState; at: string; result: MigrationResult | null; error: ErrorJson | null };
}

export type JournalLine = BatchLine | PreparedLine | ProbeLine | ResumedLine | EndLine;

/** JSON + TAB + crc32 of the JSON's bytes in 8 hex digits + newline. */
export function journalLine(line: JournalLine): Buffer {
  const text = JSON.stringify(line);
  return Buffer.from(`${text}\t${checksum(Buffer.from(text))}\n`);
}

/**
 * The lines of a journal and how many bytes of it are good. A torn last line, one without its newline, is dropped:
 * its batch is sent again. Throws `config`/`journal_corrupt` for any other bad line.
 */
export function parseJournal(bytes: Buffer, where: string): { lines: JournalLine[]; length: number } {
  const lines: JournalLine[] = [];
  let start = 0;
  for (let number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline < 0) break;
    const line = parseLine(bytes.subarray(start, newline));
    if (!line) {
      throw new VdbError('config', `line ${number} of ${where} is damaged`, {
        reason: 'journal_corrupt',
        hint: "The job cannot be resumed: compare the collections with 'vdb verify', and start a new migration.",
      });
    }
    lines.push(line);
    start = newline + 1;
  }
  return { lines, length: start };
}

function parseLine(bytes: Buffer): JournalLine | undefined {
  const tab = bytes.lastIndexOf(0x09);
  if (tab < 0 || bytes.length - tab !== 9) return undefined;
  const text = bytes.subarray(0, tab);
  if (bytes.toString('latin1', tab + 1) !== checksum(text)) return undefined;
  return JSON.parse(text.toString()) as JournalLine;
}

function checksum(bytes: Buffer): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}
