import { expect, test } from 'vitest';
import type { Environment } from '../../src/cli/environment.ts';
import type { GlobalValues } from '../../src/cli/globalOptions.ts';
import { resolveCollection, resolveTarget, transferEnd } from '../../src/cli/target.ts';

const flags = (values: Partial<GlobalValues> = {}) => values as GlobalValues;
const env = (values: Partial<Environment> = {}) => values as Environment;
const both = env({ connection: 'e', collection: 'ec' });

test('REF, then flags, then environment; the session fills in the rest', () => {
  expect(resolveTarget(undefined, flags(), env())).toEqual({});
  expect(resolveTarget(undefined, flags(), both)).toEqual({ connection: 'e', collection: 'ec' });
  expect(resolveTarget(undefined, flags({ connection: 'f' }), both)).toEqual({ connection: 'f', collection: 'ec' });
  expect(resolveTarget('r/c/p', flags({ collection: 'c' }), both)).toEqual({
    connection: 'r',
    collection: 'c',
    partition: 'p',
  });
});

test('the dot is whatever is active', () => {
  expect(resolveTarget('./docs', flags(), env())).toEqual({ connection: '.', collection: 'docs' });
  expect(resolveTarget('./docs', flags({ connection: 'f' }), both)).toEqual({ connection: 'f', collection: 'docs' });
  expect(resolveTarget('./docs', flags(), both)).toEqual({ connection: 'e', collection: 'docs' });
});

test('REF and a flag that name different things are refused', () => {
  expect(() => resolveTarget('r/c', flags({ connection: 'f' }), env())).toThrow(/different connections/);
  expect(() => resolveTarget('r/c', flags({ collection: 'd' }), env())).toThrow(/different collections/);
});

test('collection commands take a name alone', () => {
  expect(resolveCollection('my docs%2F', flags({ connection: 'f' }), env())).toEqual({
    connection: 'f',
    collection: 'my docs/',
  });
  expect(resolveCollection('a/b', flags(), env())).toEqual({ connection: 'a', collection: 'b' });
});

test('no variable redirects a transfer', () => {
  expect(transferEnd('a/b', false, flags({ connection: 'f', collection: 'g' }), both)).toEqual({
    connection: 'a',
    collection: 'b',
  });
  expect(() => transferEnd('a', true, flags(), both)).toThrow(/names no collection/);
  expect(() => transferEnd('.', false, flags(), both)).toThrow(/names no collection/);
  expect(transferEnd('.', true, flags(), env())).toEqual({ connection: '.' });
});
