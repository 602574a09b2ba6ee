import { escapeJson } from './escape.ts';
import type { Format } from './format.ts';
import type { Stdout } from './stdout.ts';

/** Rows that a table collects before it is printed, so that a long scan still shows something soon. */
const TABLE_ROWS = 500;

export interface OutputOptions {
  /** The format asked for; absent: a table on a terminal, else ndjson for lists and json for single results. */
  format?: Format;
  /** `--fields`: these and no others. */
  fields?: string[];
  headers: boolean;
  color: boolean;
}

/** Rows that arrive one after another, each as JSON text. */
export interface RowSink {
  write(rows: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

/** Prints results in the format asked for. A row is JSON text and is printed verbatim wherever the format allows. */
export class Output {
  readonly #stdout: Stdout;
  readonly #options: OutputOptions;

  constructor(stdout: Stdout, options: OutputOptions) {
    this.#stdout = stdout;
    this.#options = options;
  }

  /** True when a person reads: a table, asked for or by default. */
  get forPeople(): boolean {
    return this.#format('json') === 'table';
  }

  /** One result. `fields` are those a table shows; all by default. */
  async one(value: object, fields: readonly string[] = Object.keys(value)): Promise<void> {
    const format = this.#format('json');
    const text = JSON.stringify(value);
    if (format === 'table') {
      const { renderObject } = await import('./table.ts');
      this.#stdout.put(renderObject(text, this.#options.fields ?? fields, this.#options));
      return;
    }
    if (format === 'csv') return this.#all([text], this.#options.fields ?? fields, 'csv');
    const row = await this.#row(text);
    this.#stdout.put(`${this.#stdout.isTerminal && format === 'json' ? escapeJson(indent(row)) : row}\n`);
  }

  /** A whole list. `fields` are the columns of a table and of CSV. */
  async list(values: readonly object[], fields: readonly string[]): Promise<void> {
    await this.#all(
      values.map(value => JSON.stringify(value)),
      fields,
      this.#format('ndjson'),
    );
  }

  /** Rows as they come; `fields` as in `list`, by default those of the first row. */
  rows(fields?: readonly string[]): RowSink {
    const format = this.#format('ndjson');
    const columns = this.#options.fields ?? fields;
    if (format === 'table') return this.#tableSink(columns);
    if (format === 'csv') return this.#csvSink(columns);
    return format === 'json' ? this.#arraySink() : this.#lineSink();
  }

  /** The same for rows that come seldom: a table is printed piece by piece. */
  live(fields: readonly string[]): RowSink {
    const format = this.#format('ndjson');
    return format === 'table' ? this.#tableSink(this.#options.fields ?? fields, 1) : this.rows(fields);
  }

  /** Text that is itself the result, printed when the command ends: help, sentences for people. */
  text(text: string): void {
    this.#stdout.put(text);
  }

  /** A piece of text that is printed at once: lines of a log. */
  async piece(text: string): Promise<void> {
    if (text !== '') await this.#stdout.write(this.#stdout.isTerminal ? escapeJson(text) : text);
  }

  async #all(rows: readonly string[], fields: readonly string[], format: Format): Promise<void> {
    const columns = this.#options.fields ?? fields;
    if (format === 'table') {
      const { renderTable } = await import('./table.ts');
      if (rows.length > 0) this.#stdout.put(renderTable(rows, columns, this.#options));
      return;
    }
    if (format === 'csv') {
      const { csvCells, csvLine } = await import('./csv.ts');
      if (this.#options.headers) this.#stdout.put(csvLine(columns));
      this.#stdout.put(this.#safe(rows.map(row => csvLine(csvCells(row, columns))).join('')));
      return;
    }
    const texts = await Promise.all(rows.map(row => this.#row(row)));
    this.#stdout.put(format === 'json' ? asArray(texts) : texts.map(text => `${text}\n`).join(''));
  }

  #lineSink(): RowSink {
    return {
      write: async rows => {
        if (rows.length === 0) return;
        const texts = this.#verbatim ? rows : await Promise.all(rows.map(row => this.#row(row)));
        await this.#stdout.write(`${texts.join('\n')}\n`);
      },
      end: async () => undefined,
    };
  }

  #arraySink(): RowSink {
    let first = true;
    return {
      write: async rows => {
        if (rows.length === 0) return;
        const texts = this.#verbatim ? rows : await Promise.all(rows.map(row => this.#row(row)));
        await this.#stdout.write(`${first ? '[\n' : ',\n'}${texts.join(',\n')}`);
        first = false;
      },
      end: async () => this.#stdout.write(first ? '[]\n' : '\n]\n'),
    };
  }

  #csvSink(columns?: readonly string[]): RowSink {
    let first = true;
    const write = async (rows: readonly string[]) => {
      const { csvCells, csvLine } = await import('./csv.ts');
      columns ??= (await import('./fields.ts')).keysOf(rows);
      const fields = columns;
      const header = first && this.#options.headers && fields.length > 0 ? csvLine(fields) : '';
      first = false;
      await this.#stdout.write(this.#safe(header + rows.map(row => csvLine(csvCells(row, fields))).join('')));
    };
    return { write, end: async () => (first ? write([]) : undefined) };
  }

  #tableSink(columns?: readonly string[], atOnce = TABLE_ROWS): RowSink {
    let waiting: string[] = [];
    let headers = this.#options.headers;
    const flush = async () => {
      if (waiting.length === 0) return;
      const { renderTable } = await import('./table.ts');
      columns ??= (await import('./fields.ts')).keysOf(waiting);
      const text = renderTable(waiting, columns, { headers, color: this.#options.color });
      waiting = [];
      headers = false;
      await this.#stdout.write(text);
    };
    return {
      write: async rows => {
        waiting.push(...rows);
        if (waiting.length >= atOnce) await flush();
      },
      end: flush,
    };
  }

  get #verbatim(): boolean {
    return this.#options.fields === undefined && !this.#stdout.isTerminal;
  }

  /** A row as JSON formats print it: projected when fields were asked for, and harmless on a terminal. */
  async #row(text: string): Promise<string> {
    const { fields } = this.#options;
    const row = fields === undefined ? text : (await import('./fields.ts')).project(text, fields);
    return this.#stdout.isTerminal ? escapeJson(row) : row;
  }

  #safe(text: string): string {
    return this.#stdout.isTerminal ? text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ') : text;
  }

  #format(otherwise: 'json' | 'ndjson'): Format {
    return this.#options.format ?? (this.#stdout.isTerminal ? 'table' : otherwise);
  }
}

function asArray(rows: readonly string[]): string {
  return rows.length === 0 ? '[]\n' : `[\n${rows.join(',\n')}\n]\n`;
}

/** Indented by re-spacing only, so that every value keeps its spelling. */
function indent(text: string): string {
  return JSON.stringify(JSON.parse(text), null, 2);
}
