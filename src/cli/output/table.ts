import { Chalk } from 'chalk';
import CliTable from 'cli-table3';
import { escapeControls } from './escape.ts';
import { pick } from './fields.ts';

const LONGEST_CELL = 60;
const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface TableOptions {
  headers: boolean;
  color: boolean;
}

/** Rows in columns without borders, as text that ends in a line feed. Columns that no row has are left out. */
export function renderTable(rows: readonly string[], fields: readonly string[], options: TableOptions): string {
  const table = new CliTable({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  const shown = fields.filter(field => rows.some(row => pick(row, field) !== undefined));
  if (options.headers) table.push(shown.map(field => chalk.bold(headerOf(field))));
  table.push(...rows.map(row => shown.map(field => cellText(pick(row, field)))));
  return table.length === 0 ? '' : `${table.toString().replace(/[ ]+$/gm, '')}\n`;
}

/** One object as a table of two columns, a line per key. */
export function renderObject(row: string, fields: readonly string[], options: TableOptions): string {
  const shown = fields.map(field => [headerOf(field).toLowerCase(), pick(row, field)] as const);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  const chalk = new Chalk({ level: options.color ? 1 : 0 });
  return shown
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) =>
      options.headers ? `${chalk.bold(`${name}:`.padEnd(width + 1))} ${valueText(value)}\n` : `${valueText(value)}\n`,
    )
    .join('');
}

/** `metadata.price` → METADATA.PRICE, `lastUsedAt` → LAST USED AT */
function headerOf(field: string): string {
  return field.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toUpperCase();
}

function cellText(value: string | undefined): string {
  const text = valueText(value);
  return text.length > LONGEST_CELL ? `${[...text].slice(0, LONGEST_CELL - 1).join('')}…` : text;
}

function valueText(value: string | undefined): string {
  if (value === undefined || value === 'null') return '-';
  if (value.startsWith('"')) return escapeControls(JSON.parse(value) as string);
  if (value === '[]' || value === '{}') return '-';
  if (/^\["[^"]*"(,"[^"]*")*\]$/.test(value)) return escapeControls((JSON.parse(value) as string[]).join(', '));
  return escapeControls(value);
}
