import type { Table } from '@lancedb/lancedb';
import type { Call } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import type { Id } from '../../model/id.ts';
import { decode, selection } from './decode.ts';
import { idsCondition, show } from './ids.ts';
import type { Layout } from './layout.ts';
import { certain, column } from './sql.ts';
import { stream } from './stream.ts';

const IDS_ONLY = { vectors: false, metadata: false, document: false };

/**
 * Reads all ids of a checked-out version and throws `duplicate_id` when one names two rows, which only other programs can
 * bring about. 64-bit hashes in an open table (16 bytes a row); two equal ones are looked up before they are believed.
 */
export async function refuseDuplicates(table: Table, layout: Layout, call: Call): Promise<void> {
  const count = await table.countRows();
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2)));
  const slots = new Uint32Array(size * 2);
  for await (const batch of stream(table.query().select(selection(layout, IDS_ONLY)), 8192)) {
    call.signal.throwIfAborted();
    for (const id of decode(layout, IDS_ONLY, [{ batch, from: 0, to: batch.numRows }]).ids) {
      if (!insert(slots, size, String(id)) && (await rowsOf(table, layout, id)) > 1) throw duplicate(layout, id);
    }
  }
}

/** False when that hash was there. */
function insert(slots: Uint32Array, size: number, id: string): boolean {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < id.length; i++) {
    const char = id.charCodeAt(i);
    a = Math.imul(a ^ char, 2654435761);
    b = Math.imul(b ^ char, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  // Zero marks a free slot.
  const high = a >>> 0 || 1;
  const low = b >>> 0;
  for (let slot = low % size; ; slot = (slot + 1) % size) {
    if (slots[slot * 2] === 0) {
      slots[slot * 2] = high;
      slots[slot * 2 + 1] = low;
      return true;
    }
    if (slots[slot * 2] === high && slots[slot * 2 + 1] === low) return false;
  }
}

async function rowsOf(table: Table, layout: Layout, id: Id): Promise<number> {
  return table.countRows(idsCondition(layout, [id]) ?? certain(column('id')));
}

function duplicate(layout: Layout, id: Id): VdbError {
  return new VdbError('invalid', `two rows of table '${layout.table}' have the id ${show(id)}`, {
    reason: 'duplicate_id',
    outcome: 'not_applied',
    hint: 'Another program wrote it twice; delete one of the two first.',
  });
}
