import type { RecordBatch, Want } from '../../../model/record.ts';
import { recordLine } from '../../../model/recordLine.ts';
import type { WithPart } from '../../../protocol/methods/shared.ts';

export const NOTHING: Want = { vectors: false, metadata: false, document: false };

export function wantOf(parts: WithPart[]): Want {
  return {
    vectors: parts.includes('vectors'),
    metadata: parts.includes('metadata'),
    document: parts.includes('document'),
  };
}

export function linesOf(batch: RecordBatch, want: Want): string[] {
  return batch.ids.map((_, row) => recordLine(batch, row, want));
}
