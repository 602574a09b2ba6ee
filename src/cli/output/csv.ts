import { pick } from './fields.ts';

/** One line of RFC 4180 text, ended by a line feed as shells expect. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quote).join(',')}\n`;
}

/** Cells of one row: text as it is, absent and null empty, anything else as JSON. */
export function csvCells(row: string, fields: readonly string[]): string[] {
  return fields.map(field => {
    const value = pick(row, field);
    if (value === undefined || value === 'null') return '';
    return value.startsWith('"') ? (JSON.parse(value) as string) : value;
  });
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
