import neo4j, { type DateTime, type LocalDateTime, type Date as NeoDate } from 'neo4j-driver';
import { instant } from '../../model/filter/instant.ts';

const PARTS = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/;
/** The server knows no offset beyond (java.time.ZoneOffset). */
const MAX_OFFSET = 18 * 3600;

export type Temporal = NeoDate | LocalDateTime | DateTime;

/** ISO 8601 text as the server's own type: a date, a date and time, or one with its offset; undefined for other text. */
export function parseTemporal(text: string): Temporal | undefined {
  const match = PARTS.exec(text);
  if (match === null || instant(text) === undefined) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(part => Number(part ?? 0)) as number[];
  if (match[4] === undefined) return new neo4j.types.Date(year!, month!, day!) as unknown as NeoDate;
  const nanos = Number((match[7] ?? '').padEnd(9, '0'));
  const time = [year!, month!, day!, hour!, minute!, second!, nanos] as const;
  if (match[8] === undefined && match[9] === undefined) {
    return new neo4j.types.LocalDateTime(...time) as unknown as LocalDateTime;
  }
  const offset = (Number(match[10] ?? 0) * 3600 + Number(match[11] ?? 0) * 60) * (match[9] === '-' ? -1 : 1);
  if (Math.abs(offset) > MAX_OFFSET) return undefined;
  return new neo4j.types.DateTime(...time, offset) as unknown as DateTime;
}

export function isTemporal(value: object): value is Temporal {
  return neo4j.isDate(value) || neo4j.isLocalDateTime(value) || neo4j.isDateTime(value);
}

/** ISO 8601: seconds always, of the fraction as many groups of three digits as it takes, `Z` for no offset, a named zone behind it. */
export function printTemporal(temporal: Temporal): string {
  const value = temporal as DateTime;
  const date = `${year(value.year)}-${two(value.month)}-${two(value.day)}`;
  if (neo4j.isDate(temporal)) return date;
  const nanos = Number(value.nanosecond);
  const fraction =
    nanos === 0
      ? ''
      : `.${String(nanos)
          .padStart(9, '0')
          .replace(/(000){1,2}$/, '')}`;
  const text = `${date}T${two(value.hour)}:${two(value.minute)}:${two(value.second)}${fraction}`;
  if (neo4j.isLocalDateTime(temporal)) return text;
  const { timeZoneOffsetSeconds: offset, timeZoneId: zone } = value;
  return text + (offset == null ? '' : offsetText(Number(offset))) + (zone == null ? '' : `[${zone}]`);
}

function year(value: unknown): string {
  const number = Number(value);
  const digits = String(Math.abs(number)).padStart(4, '0');
  return number < 0 ? `-${digits}` : number > 9999 ? `+${digits}` : digits;
}

function two(value: unknown): string {
  return String(value).padStart(2, '0');
}

function offsetText(seconds: number): string {
  if (seconds === 0) return 'Z';
  const rest = Math.abs(seconds);
  const odd = rest % 60;
  const text = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}`;
  return `${seconds < 0 ? '-' : '+'}${text}${odd === 0 ? '' : `:${two(odd)}`}`;
}
