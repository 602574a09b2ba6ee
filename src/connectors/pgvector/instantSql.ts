/** Text of ISO 8601 as the filter language reads it: a date, or a date and time with at most nanoseconds. */
const ISO =
  '^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]{1,9}))?)?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?$';

/**
 * Nanoseconds since 1970 of ISO 8601 text as numeric, NULL for other text; the same grammar as model/filter/instant.ts.
 * A cast to timestamptz would not do: it stops the statement at a 30th of February, and keeps microseconds only.
 */
export function instantSql(text: string): string {
  // A year is taken 400 later (146,097 days, the calendar's whole period), because make_date has no year 0.
  return `(select case when m[2]::int between 1 and 12 and m[3]::int between 1 and
      case when m[2]::int in (4, 6, 9, 11) then 30 when m[2]::int <> 2 then 31
        when m[1]::int % 4 = 0 and (m[1]::int % 100 <> 0 or m[1]::int % 400 = 0) then 29 else 28 end
    and coalesce(m[4]::int, 0) < 24 and coalesce(m[5]::int, 0) < 60 and coalesce(m[6]::int, 0) < 60
    and coalesce(m[9]::int, 0) < 24 and coalesce(m[10]::int, 0) < 60
    then ((make_date(m[1]::int + 400, m[2]::int, m[3]::int) - date '2370-01-01')::numeric * 86400
      + coalesce(m[4]::int, 0) * 3600 + coalesce(m[5]::int, 0) * 60 + coalesce(m[6]::int, 0)
      - (coalesce(m[9]::int, 0) * 60 + coalesce(m[10]::int, 0)) * case when m[8] = '-' then -60 else 60 end) * 1000000000
      + rpad(coalesce(m[7], ''), 9, '0')::numeric end
    from regexp_match(${text}, '${ISO}') m)`;
}
