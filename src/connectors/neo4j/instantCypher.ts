const LEAP = String.raw`(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29`;
const DATE = String.raw`(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|${LEAP})`;
const TIME = String.raw`T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?`;
/** Text of ISO 8601 as the filter language reads it; the same grammar as model/filter/instant.ts, days of months included. */
export const ISO = `${DATE}(?:${TIME})?`;

/** `[seconds since 1970, nanoseconds]` of a date, of a date and time, and where `iso` names the parameter with ISO, of such text; else null. */
export function instantCypher(value: string, iso: string | null): string {
  const text =
    iso === null ? '' : ` WHEN ${value} IS :: STRING NOT NULL AND ${value} =~ ${iso} THEN ${textInstant(value)}`;
  return `CASE WHEN ${value} IS :: ZONED DATETIME NOT NULL THEN [${value}.epochSeconds, ${value}.nanosecond]
    WHEN ${value} IS :: LOCAL DATETIME NOT NULL THEN [datetime({datetime: ${value}, timezone: 'Z'}).epochSeconds, ${value}.nanosecond]
    WHEN ${value} IS :: DATE NOT NULL THEN [datetime({date: ${value}, timezone: 'Z'}).epochSeconds, 0]${text} END`;
}

/** Piece by piece: `datetime()` itself takes no offset beyond 18 hours, and stops the statement at such text. */
function textInstant(value: string): string {
  const digits = (at: number) => `coalesce(toInteger(substring(${value}, ${at}, 2)), 0)`;
  const withSeconds = `substring(${value}, 16, 1) = ':'`;
  const seconds = `CASE WHEN ${withSeconds} THEN ${digits(17)} ELSE 0 END`;
  const zone = `CASE WHEN size(${value}) < 17 THEN '' ELSE substring(${value}, 16) END`;
  const east = `split(${zone}, '+')`;
  const west = `split(${zone}, '-')`;
  const offset = (parts: string) => `toInteger(left(${parts}[1], 2)) * 3600 + toInteger(right(${parts}[1], 2)) * 60`;
  const shift = `CASE WHEN size(${east}) = 2 THEN ${offset(east)} WHEN size(${west}) = 2 THEN -(${offset(west)}) ELSE 0 END`;
  const fraction = `split(split(split(substring(${value}, 20), 'Z')[0], '+')[0], '-')[0]`;
  const nanos = `CASE WHEN substring(${value}, 19, 1) = '.' THEN toInteger(left(${fraction} + '00000000', 9)) ELSE 0 END`;
  return `[datetime({date: date(substring(${value}, 0, 10)), timezone: 'Z'}).epochSeconds
    + ${digits(11)} * 3600 + ${digits(14)} * 60 + ${seconds} - (${shift}), ${nanos}]`;
}
