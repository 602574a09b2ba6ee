import { VdbError } from '../../model/errors.ts';
import type { JsonValue } from '../../model/jsonValue.ts';
import { assignments, jsonText } from '../assignments.ts';
import type { CommandSpec } from '../command.ts';
import { readText } from '../input/inputFile.ts';

const LARGEST_STATEMENT_BYTES = 4 * 1024 * 1024;

export const command: CommandSpec = {
  description:
    "Prints each row as an object. The statement goes to the database as it is, in that database's language: SQL, Cypher and so on; `vdb sql` and `vdb cypher` are the same command. It may write, so it is refused where writing is.",
  arguments: [{ name: 'STATEMENT', help: 'statement, @FILE, or - for stdin', required: true }],
  options: [{ flags: '--param <key=value>', help: 'parameter $key: JSON if it parses, else a string', repeat: true }],
  examples: [
    {
      command: "vdb native -c pg 'select lang, count(*) from docs group by lang'",
      text: 'SQL; vdb sql is the same',
    },
    {
      command: "vdb native -c pg 'select id from docs where lang = $lang' --param lang=de",
      text: 'with a parameter',
    },
  ],
  async run(context, [given], { param = [] }) {
    const statement = await statementFrom(given!);
    const params = Object.fromEntries(
      Object.entries(assignments(param, '--param')).map(([key, text]) => [key, value(key, text)]),
    );
    const { collection: _, partition: __, ...target } = context.target();
    const sink = context.output.rows();
    const result = await context.stream('native.run', { target, statement, params }, sink);
    context.tell(`${result.rows} ${result.rows === 1 ? 'row' : 'rows'} in ${result.elapsedMs} ms`);
    return 0;
  },
};

async function statementFrom(given: string): Promise<string> {
  const path = given === '-' ? '-' : given.startsWith('@') ? given.slice(1) : undefined;
  const text = path === undefined ? given : await readText(path, LARGEST_STATEMENT_BYTES);
  if (text.trim() === '') throw new VdbError('usage', 'the statement is empty');
  return text;
}

/** A whole number that a float would change is refused, rather than passed on as another. */
function value(key: string, text: string): JsonValue {
  const parsed: JsonValue = JSON.parse(jsonText(text));
  if (typeof parsed === 'number' && Number.isInteger(parsed) && !Number.isSafeInteger(parsed)) {
    throw new VdbError('usage', `--param ${key}: the number is beyond 2^53`, {
      hint: `Write it in the statement itself, or as text: --param '${key}="${text}"'.`,
    });
  }
  return parsed;
}
