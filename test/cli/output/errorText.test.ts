import { expect, test } from 'vitest';
import { errorLine, errorText } from '../../../src/cli/output/errorText.ts';
import { VdbError } from '../../../src/model/errors.ts';

const error = new VdbError('unreachable', 'cannot connect to \u001b]0;title\u0007db', {
  reason: 'refused',
  cause: 'line one\nline two',
  hint: 'Start it.',
});

test('text is at most three lines, and what a server said cannot act on the terminal', () => {
  const text = errorText(error, false);
  expect(text).toBe('vdb: cannot connect to \\u001b]0;title\\u0007db\n  cause: line one line two\n  hint: Start it.\n');
});

test('a filter shows its caret', () => {
  const caret = new VdbError('usage', 'expected a value', {
    reason: 'syntax',
    cause: 'price <\n       ^',
    hint: 'Look.',
  });
  expect(errorText(caret, false)).toBe('vdb: expected a value\n  price <\n         ^\n');
});

test('JSON is one line; what the error knows itself wins', () => {
  const line = errorLine(error.with({ op: 'connect' }), { op: 'ping', elapsedMs: 3, requestId: 'r' });
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line).error).toMatchObject({
    code: 'unreachable',
    reason: 'refused',
    exit: 69,
    retryable: true,
    op: 'connect',
    requestId: 'r',
    attempts: 1,
    outcome: 'not_applied',
  });
});
