import { addHex } from '../../model/fingerprint.ts';
import type { JsonValue } from '../connector.ts';
import type { BatchLine, EndLine, JournalLine, PreparedLine, ProbeLine } from './journalLine.ts';

const ZERO = '0'.repeat(32);

/** What a journal's lines add up to: totals, the source's fingerprint, and where each range stands. */
export class Tally {
  read = 0;
  written = 0;
  filtered = 0;
  dead = 0;
  preexisting = 0;
  bytes = 0;
  content: string | null = ZERO;
  vector: string | null = ZERO;
  prepared: PreparedLine['prepared'] | null = null;
  probe: ProbeLine['probe'] | null = null;
  /** The last line, when it is an end. */
  end: EndLine['end'] | null = null;
  /** By range: the number of the next batch, and the cursor it starts behind. */
  readonly ranges = new Map<number, { next: number; after: JsonValue }>();

  constructor(lines: Iterable<JournalLine> = []) {
    for (const line of lines) this.add(line);
  }

  add(line: JournalLine): void {
    this.end = 'end' in line ? line.end : null;
    if ('prepared' in line) this.prepared = line.prepared;
    if ('probe' in line) this.probe = line.probe;
    if ('range' in line) this.#batch(line);
  }

  /** `vdb1:…` over what was written; null when the job does not digest. */
  get fingerprint(): string | null {
    if (this.content === null || this.vector === null) return null;
    return `vdb1:${this.written + this.preexisting}:${this.content}:${this.vector}`;
  }

  #batch(line: BatchLine): void {
    this.read += line.count;
    this.written += line.written;
    this.filtered += line.filtered;
    this.dead += line.dead;
    this.preexisting += line.preexisting;
    this.bytes += line.bytes;
    this.content = this.content === null || line.content === null ? null : addHex(this.content, line.content);
    this.vector = this.vector === null || line.vector === null ? null : addHex(this.vector, line.vector);
    this.ranges.set(line.range, { next: line.n + 1, after: line.after });
  }
}
