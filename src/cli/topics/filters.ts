export const FILTERS_TOPIC = `Filters

  price < 20 AND tag in ("a","b") AND NOT lang = "de"
  author exists AND tags has "x" AND title ~ "shoe"
  id in ("a", 7)

The same as JSON: {"price":{"$lt":20},"tag":{"$in":["a","b"]}}

  = != < <= > >=        compare numbers by value, text by code point, datetimes by instant
  in (...)  not in (...)  one of several values
  has                   an array holds the value
  exists  is null       present and not null; the opposite
  ~                     case-sensitive substring
  AND  OR  NOT  ( )     combine

A predicate on a missing or null field is false, and NOT is its complement: price != 20 also matches records without
price. Scalars of an array match if any element does. Values of unlike types never match. A dot descends into objects,
backticks quote a key: \`a.b\`. An empty filter is an error, never everything.

What a database cannot evaluate itself is checked here where every record is seen anyway (scan, count --exact, migrate,
update, delete), and refused in queries with the nearest alternative.
`;
