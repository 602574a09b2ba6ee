import { float16Value } from './float16.ts';
import { float32sText } from './float32.ts';
import { isPresent, type RecordBatch, type VectorColumn, type Want } from './record.ts';

export { LineFault, type ParseOptions, parseRecords } from './parseRecords.ts';

/**
 * One record as its line of JSON, without a newline: only the wanted parts; float32 in the shortest decimal that reads back
 * to the same bits. A collection's only vector, when unnamed, is `vector`; else all are in `vectors`, the unnamed one as ``.
 */
export function recordLine(batch: RecordBatch, row: number, want: Want): string {
  return `{"id":${idText(batch, row)}${parts(batch, row, want)}}`;
}

/** A record's line with `score` and `rawScore` behind the id; a score that is no number is null. */
export function hitLine(batch: RecordBatch, row: number, want: Want, score: number, rawScore: number): string {
  return `{"id":${idText(batch, row)},"score":${scoreText(score)},"rawScore":${scoreText(rawScore)}${parts(batch, row, want)}}`;
}

function idText(batch: RecordBatch, row: number): string {
  const id = batch.ids[row]!;
  return typeof id === 'bigint' ? id.toString() : JSON.stringify(id);
}

function scoreText(score: number): string {
  return Number.isFinite(score) ? String(score) : 'null';
}

function parts(batch: RecordBatch, row: number, want: Want): string {
  let text = vectorsText(batch.vectors, row, want.vectors);
  if (want.metadata) text += `,"metadata":${oneLine(batch.metadata[row] ?? '{}')}`;
  if (want.document) {
    const document = batch.documents?.[row];
    if (document !== undefined) text += `,"document":${JSON.stringify(document)}`;
    const uri = batch.uris?.[row];
    if (uri !== undefined) text += `,"uri":${JSON.stringify(uri)}`;
  }
  if (batch.partition !== '') text += `,"partition":${JSON.stringify(batch.partition)}`;
  return text;
}

/** A line break in JSON text is always white space. */
function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;
}

function vectorsText(columns: VectorColumn[], row: number, want: boolean | string[]): string {
  if (want === false) return '';
  const wanted = want === true ? columns : columns.filter(column => want.includes(column.name));
  const sole = wanted.length === 1 && wanted[0]!.name === '';
  let text = '';
  for (const column of wanted) {
    if (!isPresent(column, row)) continue;
    if (sole) return `,"vector":${vectorText(column, row)}`;
    text += `${text === '' ? ',"vectors":{' : ','}${JSON.stringify(column.name)}:${vectorText(column, row)}`;
  }
  return text === '' ? '' : `${text}}`;
}

/** One record's vector as JSON: an array (of bits: of 0 and 1), an array of arrays, or `{"indices","values"}`. */
export function vectorText(column: VectorColumn, row: number): string {
  if (column.kind === 'sparse') {
    const start = column.offsets[row]!;
    const end = column.offsets[row + 1]!;
    return `{"indices":[${column.indices.subarray(start, end).join(',')}],"values":[${float32sText(column.values, start, end)}]}`;
  }
  const { dimension } = column;
  if (column.kind === 'multi') {
    const rows: string[] = [];
    for (let i = column.offsets[row]!; i < column.offsets[row + 1]!; i++)
      rows.push(`[${float32sText(column.values, i * dimension, (i + 1) * dimension)}]`);
    return `[${rows.join(',')}]`;
  }
  const start = row * dimension;
  if (column.element === 'f32') return `[${float32sText(column.values as Float32Array, start, start + dimension)}]`;
  if (column.element === 'u8') return `[${column.values.subarray(start, start + dimension).join(',')}]`;
  if (column.element === 'f16') {
    const values = Float32Array.from(column.values.subarray(start, start + dimension), float16Value);
    return `[${float32sText(values, 0, dimension)}]`;
  }
  const first = row * ((dimension + 7) >> 3);
  const bits = Array.from({ length: dimension }, (_, i) => (column.values[first + (i >> 3)]! >> (7 - (i & 7))) & 1);
  return `[${bits.join(',')}]`;
}
