import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { expectedFailure } from '@launchlog/server/edge/expected-failure';
import { parseField, parseId, parseInput } from '@launchlog/server/edge/input-problem';
import { NodeStoreUnavailableError } from '@launchlog/server/database/sql-database';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { LaunchlogError } from '@launchlog/shared/error-code';

const ranged = z
  .object({
    name: z.string('must be text').max(3, 'must have at most 3 characters'),
    list: z.array(z.object({ a: z.int('must be a whole number') })).optional(),
    from: z.int('must be a whole number').optional(),
    until: z.int('must be a whole number').optional(),
  })
  .strict()
  .superRefine(({ from, until }, context) => {
    if (from === undefined) context.addIssue({ code: 'custom', path: ['from'], message: 'must be given' });
    if ((from ?? 0) > (until ?? Infinity)) {
      context.addIssue({ code: 'custom', path: ['until'], message: 'must not be before from' });
    }
  });

function problemOf(value: unknown): LaunchlogError {
  try {
    parseInput(ranged, value);
  } catch (error) {
    if (error instanceof LaunchlogError) return error;
  }
  throw new Error('it was not refused');
}

describe('input', () => {
  test('that fits is parsed', () => {
    expect(parseInput(ranged, { name: 'a', from: 1 })).toEqual({ name: 'a', from: 1 });
  });

  test.each<[string, unknown, string]>([
    ['is no object', null, 'the input must be an object'],
    ['is a text', 'x', 'the input must be an object'],
    ['lacks a field', { from: 1 }, "'name' is required"],
    ['has a field of a wrong type', { name: 1, from: 1 }, "'name' must be text"],
    ['has a value that is too long', { name: 'abcd', from: 1 }, "'name' must have at most 3 characters"],
    ['has an unknown field', { name: 'a', from: 1, nmae: 'b' }, "unknown field 'nmae'"],
    ['has a wrong element', { name: 'a', from: 1, list: [{ a: 'x' }] }, "'list.a' must be a whole number"],
    ['lacks a field of an element', { name: 'a', from: 1, list: [{}] }, "'list.a' is required"],
    [
      'breaks a rule over several fields',
      { name: 'a', from: 2, until: 1 },
      "'until' must not be before from",
    ],
    ['lacks what only a rule asks for', { name: 'a' }, "'from' must be given"],
  ])('that %s is refused by exactly one sentence', (_, value, message) => {
    expect(problemOf(value).message).toBe(message);
  });

  test('is not refused twice for one mistake', () => {
    const echoing = z.object({ a: z.string() }).superRefine((_value, context) => {
      context.addIssue({ code: 'custom', path: ['a'], message: 'must be good' });
    });
    const bounded = z.any().superRefine((_value, context) => {
      context.addIssue({ code: 'invalid_type', expected: 'string', path: ['a'], message: 'must be text' });
      context.addIssue({ code: 'custom', path: ['a'], message: 'must be good' });
      context.addIssue({ code: 'custom', path: ['b'], message: 'must be given too' });
      context.addIssue({ code: 'custom', path: ['c'], message: 'must be small' });
    });
    expect(() => parseInput(echoing, { a: 'x' })).toThrow("'a' must be good");
    expect(() => parseInput(bounded, { a: 1, c: 2 })).toThrow(/^'a' must be text; 'c' must be small$/);
  });

  test.each<[unknown, readonly PropertyKey[], string]>([
    [{ a: 1 }, ['a'], "'a' must be good"],
    [{}, ['a'], "'a' is required"],
    [{}, ['constructor'], "'constructor' is required"],
    [{ a: null }, ['a', 'b'], "'a.b' is required"],
    ['abc', ['length'], "'length' is required"],
    [{ a: 'abc' }, ['a', 'length'], "'a.length' is required"],
    [{ a: undefined }, ['a', 'b'], "'a.b' is required"],
  ])('%j lacks or has what is at %j', (value, path, message) => {
    const judged = z.any().superRefine((_value, context) => {
      context.addIssue({
        code: 'invalid_type',
        expected: 'string',
        path: [...path],
        message: 'must be good',
      });
    });
    expect(() => parseInput(judged, value)).toThrow(new RegExp(`^${message}$`));
  });

  test('that lacks several fields is refused with each of them, as its callers spell it', () => {
    const both = z.object({ aB: z.string(), cD: z.string() }).strict();
    const spell = (name: string) => name.toUpperCase();
    expect(() => parseInput(both, {}, spell)).toThrow(/^'AB' is required; 'CD' is required$/);
    expect(() => parseInput(both, { aB: 'x', cD: 'x', eF: 1 }, spell)).toThrow(/^unknown field 'EF'$/);
  });

  test('with many mistakes is refused by five of them, in words and for programs', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`x${index}`, 1]));
    const { message, issues } = problemOf({ name: 1, from: 'x', until: 'x', list: 'x', ...many });
    expect(message.split('; ').length).toBeLessThanOrEqual(5 + 9);
    expect(issues).toHaveLength(5);
  });
});

test('a value that is no field of an object is named, and each sentence stands once', () => {
  const schema = z.string('must be text').min(2, 'must be long').regex(/b/, 'must be long');
  expect(parseField('Last-Event-ID', schema, 'ab')).toBe('ab');
  expect(() => parseField('Last-Event-ID', schema, 'a')).toThrow(/^'Last-Event-ID' must be long$/);
});

test('an id is lower-cased, and other text is the id of nothing', () => {
  const id = '0190D5A8-4B1C-4ABC-8DEF-0123456789AB';
  expect(parseId('token', id)).toBe(id.toLowerCase());
  for (const text of ['', 'x', `${id}0`, '../x']) {
    expect(() => parseId('token', text)).toThrow(expect.objectContaining({ code: 'not_found' }) as Error);
  }
});

test('a store that is away is neither a mistake of the caller nor one of ours', () => {
  const own = new LaunchlogError('not_found', 'no');
  expect(expectedFailure(own)).toBe(own);
  for (const away of [new LogStoreUnavailableError('x'), new NodeStoreUnavailableError('x')]) {
    expect(expectedFailure(away)).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2, cause: away });
  }
  expect(expectedFailure(new LogStoreUnavailableError('x'))?.message).toContain('log store');
  expect(expectedFailure(new TypeError('x'))).toBeUndefined();
  expect(expectedFailure(undefined)).toBeUndefined();
});
