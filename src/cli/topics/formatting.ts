export const FORMATTING_TOPIC = `Output formats

  -o table    columns for people; the default on a terminal
  -o json     one value: an object, or an array for lists
  -o ndjson   one object a line, written as it arrives; the default for lists when stdout is no terminal
  -o csv      a header line, then a line per row; values that are no text stand as JSON

  --fields a,b.c   only these fields, in this order; a dot descends into objects
  --no-headers     no header line in tables and CSV

stdout carries data only; messages, progress and prompts go to stderr. Numbers keep their spelling: float32 vectors
print in the shortest decimal that reads back to the same bits, 64-bit integers in full (jq before 1.7 rounds those).

A record: {"id":"7","vector":[0.1,0.2],"metadata":{"lang":"de"},"document":"text"}
Several vectors: "vectors":{"title":[0.1],"words":{"indices":[3],"values":[0.5]}}
A hit of a query has "score" (higher is better) and "rawScore" besides.
`;
