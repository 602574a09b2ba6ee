import neo4j, { type Duration } from 'neo4j-driver';
import { type Exact, parseExact, printExact, printFloat } from '../../model/json/exact.ts';
import type { JsonKind } from '../../model/json/members.ts';
import { isTemporal, parseTemporal, printTemporal } from './temporal.ts';

/** WGS 84, longitude and latitude. */
const WGS_84 = 4326;

/** A metadata value as a property. Not `exact`: the property means the same but reads back in another spelling. */
export interface Property {
  value: unknown;
  exact: boolean;
}

/**
 * What properties hold: booleans, text, 64-bit integers, floats, dates, points, and lists of one of these. Undefined for
 * anything else: null, objects, integers beyond, lists that are mixed (integers and floats would become floats) or hold null.
 */
export function toProperty(kind: JsonKind, text: string): Property | undefined {
  switch (kind) {
    case 'string':
      return { value: JSON.parse(text), exact: true };
    case 'boolean':
      return { value: text === 'true', exact: true };
    case 'float':
      return { value: Number(text), exact: true };
    case 'integer':
      return scalar(BigInt(text));
    case 'object':
      return text.includes('"$') ? scalar(parseExact(text)) : undefined;
    case 'array':
      return list(parseExact(text) as Exact[]);
    default:
      return undefined;
  }
}

function list(values: Exact[]): Property | undefined {
  const properties = values.map(scalar);
  const type = typeOf(properties[0]?.value);
  if (!properties.every(each => each !== undefined && typeOf(each.value) === type)) return undefined;
  const all = properties as Property[];
  return { value: all.map(each => each.value), exact: all.every(each => each.exact) };
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? value.constructor : typeof value;
}

function scalar(value: Exact): Property | undefined {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? { value, exact: true } : undefined;
  if (value === null || Array.isArray(value)) return undefined;
  if (typeof value !== 'object') return { value, exact: true };
  if (value.size !== 1) return undefined;
  const stored = temporal(value.get('$date')) ?? point(value.get('$geo'));
  return stored === undefined ? undefined : { value: stored, exact: valueText(stored) === printExact(value) };
}

function temporal(text: Exact | undefined) {
  return typeof text === 'string' ? parseTemporal(text) : undefined;
}

function point(geo: Exact | undefined) {
  if (!(geo instanceof Map) || geo.size !== 2) return undefined;
  const [lat, lon] = [geo.get('lat'), geo.get('lon')].map(each => (typeof each === 'bigint' ? Number(each) : each));
  if (typeof lat !== 'number' || typeof lon !== 'number' || Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return new neo4j.types.Point(neo4j.int(WGS_84), lon, lat);
}

/** A property's value as JSON text. */
export function valueText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      // JSON has no NaN and no infinities: they read as text.
      return Number.isFinite(value) ? printFloat(value) : JSON.stringify(String(value));
    default:
      return value === null || value === undefined ? 'null' : objectText(value);
  }
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`;
  if (isTemporal(value)) return `{"$date":"${printTemporal(value)}"}`;
  if (value instanceof Int8Array) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `{"$bytes":"${bytes.toString('base64')}"}`;
  }
  if (neo4j.isPoint(value)) {
    const { srid, x, y, z } = value;
    if (Number(srid) === WGS_84) return `{"$geo":{"lat":${printFloat(y)},"lon":${printFloat(x)}}}`;
    const axes = [['x', x], ['y', y], ...(z === undefined ? [] : [['z', z]])] as [string, number][];
    return `{"srid":${srid},${axes.map(([name, axis]) => `"${name}":${valueText(axis)}`).join(',')}}`;
  }
  // Durations and times of day, which nothing else has: ISO 8601 text.
  return JSON.stringify(neo4j.isDuration(value) ? durationText(value) : String(value));
}

/** The driver's own text of a duration without seconds is `P1DT` when integers are bigints (6.3.0). */
function durationText({ months, days, seconds, nanoseconds }: Duration): string {
  const nanos = Number(nanoseconds);
  const whole = BigInt(String(seconds));
  // Nanoseconds count up, also from negative seconds.
  const total = whole * 1_000_000_000n + BigInt(nanos);
  const size = total < 0n ? -total : total;
  const fraction = String(size % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const time =
    total === 0n ? '' : `T${total < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction === '' ? '' : `.${fraction}`}S`;
  const text = `${Number(months) === 0 ? '' : `${months}M`}${Number(days) === 0 ? '' : `${days}D`}${time}`;
  return `P${text === '' ? 'T0S' : text}`;
}
