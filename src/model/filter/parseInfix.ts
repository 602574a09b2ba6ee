import type { FieldPath, Filter, FilterValue } from './filter.ts';
import { ID_WORD, KEYWORDS } from './keywords.ts';
import { MAX_DEPTH, MAX_VALUES, syntaxError } from './syntax.ts';
import { type Token, tokenize } from './tokenize.ts';

const COMPARISONS: Record<string, 'lt' | 'lte' | 'gt' | 'gte'> = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };
const NULL_HINT = "Write 'field is null' or 'field exists'.";
const VALUE = 'a string, a number, a @date, true or false';

/**
 * or := and (OR and)* · and := unary (AND unary)* · unary := NOT unary | ( or ) | predicate
 * predicate := path ( = | != | < | <= | > | >= ) value · path [NOT] IN ( value, … ) · path HAS value · path EXISTS ·
 * path IS [NOT] NULL · path ~ string · path := name (. name)*, a name being a word or anything in backticks.
 */
export function parseInfix(text: string): Filter {
  const tokens = tokenize(text);
  let at = 0;
  let depth = 0;
  const filter = chain('or', () => chain('and', unary));
  if (peek().kind !== 'end') throw expected("'and', 'or' or the end");
  return filter;

  function peek(): Token {
    return tokens[at]!;
  }

  function isKeyword(word: string): boolean {
    const token = peek();
    return token.kind === 'word' && token.value.toLowerCase() === word;
  }

  function takeKeyword(word: string): boolean {
    if (!isKeyword(word)) return false;
    at++;
    return true;
  }

  function take(punctuation: string): boolean {
    const token = peek();
    if (token.kind !== 'punctuation' || token.value !== punctuation) return false;
    at++;
    return true;
  }

  function chain(op: 'and' | 'or', operand: () => Filter): Filter {
    const args = [operand()];
    while (takeKeyword(op)) args.push(operand());
    return args.length === 1 ? args[0]! : { op, args };
  }

  function nested<T>(parse: () => T): T {
    if (++depth > MAX_DEPTH)
      throw syntaxError(text, tokens[at - 1]!.start, `the filter nests deeper than ${MAX_DEPTH}`);
    const result = parse();
    depth--;
    return result;
  }

  function unary(): Filter {
    if (takeKeyword('not')) return { op: 'not', arg: nested(unary) };
    if (!take('(')) return predicate();
    const inner = nested(() => chain('or', () => chain('and', unary)));
    if (!take(')')) throw expected("'and', 'or' or ')'");
    return inner;
  }

  function predicate(): Filter {
    const first = peek();
    const field = path();
    if (first.kind === 'word' && field.length === 1 && first.value === ID_WORD) return idPredicate();
    const operator = peek();
    if (takeKeyword('exists')) return { op: 'exists', field };
    if (takeKeyword('has')) return { op: 'has', field, value: value() };
    if (takeKeyword('in')) return { op: 'in', field, values: list(value) };
    if (takeKeyword('not')) {
      if (!takeKeyword('in')) throw expected("'in' behind 'not'");
      return { op: 'not', arg: { op: 'in', field, values: list(value) } };
    }
    if (takeKeyword('is')) {
      const present = takeKeyword('not');
      if (!takeKeyword('null')) throw expected(present ? "'null'" : "'null' or 'not null'");
      return present ? { op: 'exists', field } : { op: 'not', arg: { op: 'exists', field } };
    }
    if (take('=')) return { op: 'eq', field, value: value() };
    if (take('!=')) return { op: 'not', arg: { op: 'eq', field, value: value() } };
    if (take('~')) {
      const token = peek();
      if (token.kind !== 'string') throw expected("a string behind '~'");
      at++;
      return { op: 'contains', field, value: token.value };
    }
    const op = operator.kind === 'punctuation' ? COMPARISONS[operator.value] : undefined;
    if (op === undefined) {
      throw expected("an operator (= != < <= > >= ~, 'in', 'not in', 'has', 'exists', 'is null')");
    }
    at++;
    const token = peek();
    const bound = value();
    if (typeof bound === 'boolean')
      throw expected('a string, a number or a @date', token, 'True and false have no order.');
    return { op, field, value: bound };
  }

  function idPredicate(): Filter {
    if (take('=')) return { op: 'ids', ids: [id()] };
    if (take('!=')) return { op: 'not', arg: { op: 'ids', ids: [id()] } };
    if (takeKeyword('in')) return { op: 'ids', ids: list(id) };
    const negated = takeKeyword('not');
    if (negated && takeKeyword('in')) return { op: 'not', arg: { op: 'ids', ids: list(id) } };
    throw expected(
      "=, !=, 'in' or 'not in' behind the record's id",
      peek(),
      'The metadata field of that name is written `id`.',
    );
  }

  function path(): FieldPath {
    const field = [name()];
    while (take('.')) field.push(name());
    return field;
  }

  function name(): string {
    const token = peek();
    if (token.kind === 'quoted' || (token.kind === 'word' && !KEYWORDS.has(token.value.toLowerCase()))) {
      at++;
      return token.value;
    }
    throw expected(
      'a field name',
      token,
      'A field named like a keyword, or with odd characters, is written in backticks.',
    );
  }

  function value(): FilterValue {
    const token = peek();
    if (token.kind === 'string' || token.kind === 'integer' || token.kind === 'float') {
      at++;
      return token.value;
    }
    if (token.kind === 'date') {
      at++;
      return { date: token.value };
    }
    if (takeKeyword('true')) return true;
    if (takeKeyword('false')) return false;
    throw expected(VALUE, token, isKeyword('null') ? NULL_HINT : undefined);
  }

  function id(): string | bigint {
    const token = peek();
    if (token.kind !== 'string' && token.kind !== 'integer') throw expected('a record id: a string or an integer');
    at++;
    return token.value;
  }

  function list<T>(item: () => T): T[] {
    if (!take('(')) throw expected("'(' before the values");
    const values = [item()];
    while (take(',')) {
      if (values.length === MAX_VALUES)
        throw syntaxError(text, peek().start, `a list in the filter is longer than ${MAX_VALUES}`);
      values.push(item());
    }
    if (!take(')')) throw expected("',' or ')'");
    return values;
  }

  function expected(what: string, token: Token = peek(), hint?: string) {
    const found = token.kind === 'end' ? 'the filter ends' : `the filter has ${token.text}`;
    return syntaxError(text, token.start, `expected ${what} where ${found}`, hint);
  }
}
