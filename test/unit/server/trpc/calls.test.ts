import { TRPCError } from '@trpc/server';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { callMeter } from '@launchlog/server/trpc/call-meter';
import { errorShape, toLaunchlogError } from '@launchlog/server/trpc/error-shape';
import { REFUSED_INPUT, transformer } from '@launchlog/server/trpc/input-transformer';
import { attachmentOf, requireTableMatches } from '@launchlog/server/trpc/procedure';
import { logFailure } from '@launchlog/server/trpc/trpc-http';
import { accessTo } from '@launchlog/server/edge/access-table';
import type { ProcedureName } from '@launchlog/server/edge/access-table';
import type { Logger } from '@launchlog/server/logger';
import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import { LaunchlogError } from '@launchlog/shared/error-code';

const { deserialize } = transformer.input;

describe('input', () => {
  test.each<[unknown, unknown]>([
    [{ a: 1 }, { a: 1 }],
    [null, null],
    ['json', 'json'],
    [[1], [1]],
    [{ json: { a: 1 } }, { a: 1 }],
    [{ json: { a: 1 }, meta: {} }, { a: 1 }],
    [{ json: { a: null }, meta: { values: { a: ['undefined'] } } }, { a: undefined }],
    [{ json: null, meta: { values: ['undefined'] } }, undefined],
  ])('%j is taken as %j', (payload, input) => {
    expect(deserialize(payload)).toEqual(input);
  });

  test('keeps fields of the name json that only its prototype has', () => {
    const payload = Object.create({ json: 1 }) as object;
    expect(deserialize(payload)).toBe(payload);
  });

  test.each<[object]>([
    [{ values: { a: ['Date'] } }],
    [{ values: { a: ['regexp'] } }],
    [{ values: { a: ['undefined', 'Date'] } }],
    [{ values: { a: [] } }],
    [{ values: { a: { b: ['set'] } } }],
    [{ values: ['map'] }],
    [{ values: 'undefined' }],
    [{ values: { a: null } }],
    [{ values: { a: ['undefined'], b: ['bigint'] } }],
    [{ values: {}, referentialEqualities: { a: ['b'] } }],
    [{ referentialEqualities: [['a']] }],
    [{ values: { 'a.__proto__.b': ['undefined'] } }],
    [['undefined']],
  ])('whose envelope is %j is refused', (meta) => {
    expect(deserialize({ json: { a: '2026-01-01' }, meta })).toBe(REFUSED_INPUT);
  });

  test('whose undefined has a type of superjson within it is refused', () => {
    const values = { a: ['undefined', { b: ['Date'] }] };
    expect(deserialize({ json: { a: { b: '2026-01-01' } }, meta: { values } })).toBe(REFUSED_INPUT);
  });

  test.each([null, 'x', 1])('whose envelope is %j instead of an object is refused', (meta) => {
    expect(deserialize({ json: {}, meta })).toBe(REFUSED_INPUT);
  });
});

describe('an error', () => {
  const invalid = z.object({ a: z.string() }).safeParse({}).error;

  test('of a call has its code, and what helps its caller', () => {
    const issues = [{ path: ['a'], message: 'is required' }];
    const cause = new LaunchlogError('rate_limited', 'wait', { retryAfterSeconds: 3, issues });
    const error = new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause });
    expect(errorShape({ error, path: 'nodes.list' })).toMatchObject({
      message: 'wait',
      data: {
        code: 'rate_limited',
        httpStatus: 429,
        retryable: true,
        path: 'nodes.list',
        retryAfter: 3,
        issues,
      },
    });
    const plain = errorShape({ error: new TRPCError({ code: 'NOT_FOUND', message: 'no procedure' }) });
    expect(plain).toMatchObject({ message: 'no procedure', data: { code: 'not_found' } });
    expect(Object.keys(plain.data)).toEqual(['code', 'httpStatus', 'retryable']);
  });

  test.each<[TRPCError, unknown, string, string]>([
    [new TRPCError({ code: 'BAD_REQUEST', cause: invalid }), {}, 'invalid_request', "'a' is required"],
    [
      new TRPCError({ code: 'BAD_REQUEST', cause: invalid }),
      REFUSED_INPUT,
      'invalid_request',
      'must be plain JSON',
    ],
    [new TRPCError({ code: 'PARSE_ERROR', message: 'secret' }), undefined, 'invalid_json', 'not valid JSON'],
    [
      new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'secret' }),
      undefined,
      'internal',
      'internal error',
    ],
    [new TRPCError({ code: 'CONFLICT', message: 'secret' }), undefined, 'internal', 'internal error'],
    [
      new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new LogStoreUnavailableError('x') }),
      undefined,
      'unavailable',
      'the log store cannot be reached',
    ],
    [new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: invalid }), {}, 'internal', 'internal error'],
  ])('%s with %s is %s', (error, input, code, text) => {
    const found = toLaunchlogError(error, input);
    expect(found.code).toBe(code);
    expect(found.message).toContain(text);
    expect(found.message).not.toContain('secret');
  });
});

test('what every object has is no procedure', () => {
  expect(attachmentOf({ _def: { procedures: {} } }, 'constructor')).toBeUndefined();
});

test('only an unexpected error is logged', () => {
  const errors: object[] = [];
  const logger = { error: (fields: object) => errors.push(fields) } as unknown as Logger;
  logFailure(new LaunchlogError('not_found', 'no such node'), 'nodes.get', { logger });
  expect(errors).toEqual([]);
  logFailure(new Error('broken'), 'nodes.get', { logger });
  expect(errors).toMatchObject([{ procedure: 'nodes.get' }]);
});

test('an operation without a row in the access table cannot be asked for', () => {
  expect(() => accessTo('nodes.nothing' as ProcedureName)).toThrow('has no row in the access table');
});

test('the first call of a request was counted by its sign-in, and each further one is counted', async () => {
  let counted = 0;
  const meter = callMeter(
    { meter: () => (counted < 2 ? Promise.resolve(void (counted += 1)) : Promise.reject(new Error('many'))) },
    { name: 'a', kind: 'admin_token', scopes: ['admin'] },
  );
  await meter();
  expect(counted).toBe(0);
  await meter();
  await meter();
  expect(counted).toBe(2);
  await expect(meter()).rejects.toThrow('many');
});

test('a server with a procedure that another row guards, or none, does not start', () => {
  const misplaced = { path: 'nodes.list', type: 'query', name: 'nodes.get' } as const;
  expect(() => requireTableMatches([misplaced])).toThrow('not guarded by their own row: nodes.list');
  expect(() => requireTableMatches([{ ...misplaced, name: undefined }])).toThrow('not guarded');
  expect(() => requireTableMatches([{ ...misplaced, name: 'nodes.list' }])).toThrow(
    'but not in the router: ',
  );
});
