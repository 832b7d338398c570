import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { accessTokenInputSchema, tokenRotationSchema } from '@launchlog/shared/access-token';
import {
  filledList,
  filledText,
  flag,
  labelSchema,
  listOf,
  oneOf,
  text,
  timestampSchema,
  storedIdSchema,
  uuidSchema,
  wholeNumber,
} from '@launchlog/shared/field-rule';
import { logSearchEndSchema, logSearchHitSchema, logSearchQuerySchema } from '@launchlog/shared/log-search';
import { notificationDeliverySchema, notificationTestSchema } from '@launchlog/shared/notification';
import { mergedCursorSchema } from '@launchlog/shared/merged-log';

const ID = '550e8400-e29b-41d4-a716-446655440000';

function faultOf(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('a rule', () => {
  test.each<[z.ZodType, readonly unknown[], readonly unknown[], string]>([
    [wholeNumber(1, 3), [1, 3], [0, 4, 1.5, '2', NaN], 'must be a whole number from 1 to 3'],
    [flag(), [true, false], ['true', 1], 'must be true or false'],
    [text(3), ['', 'abc'], ['abcd'], 'must have at most 3 characters'],
    [filledText(3), ['a'], [''], 'must not be empty'],
    [oneOf(['a', 'b']), ['a'], ['c', ''], 'must be one of a, b'],
    [listOf(flag()), [[], [true]], [true, {}], 'must be a list'],
    [filledList(flag()), [[true]], [[]], 'must not be empty'],
    [uuidSchema, [ID], ['x', `${ID}0`], 'must be a UUID'],
    [
      storedIdSchema,
      [ID, `D50164B9${'-FFFF'.repeat(3)}-${'0'.repeat(12)}`],
      ['x', `${ID}0`],
      'must be a UUID',
    ],
    [
      labelSchema,
      ['a', 'A.b_c-1', 'a'.repeat(64)],
      ['', '-a', '.a', 'a b', 'a/b', 'a\n', 'ä', 'a'.repeat(65)],
      'must be 1 to 64 letters',
    ],
    [timestampSchema, ['2026-01-01T00:00:00Z'], ['2026-01-01', 'now', ''], 'must be a timestamp'],
  ])('%# takes what it should, and refuses the rest in words', (schema, good, bad, fault) => {
    for (const value of good) expect(faultOf(schema, value)).toBeUndefined();
    for (const value of bad) expect(faultOf(schema, value)).toContain(fault);
  });
});

test('a moment before 1970 means 1970, and any other keeps its moment', () => {
  expect(timestampSchema.parse('0000-01-01T00:00:00Z')).toBe('1970-01-01T00:00:00.000Z');
  expect(timestampSchema.parse('2026-01-01T02:00:00+02:00')).toBe('2026-01-01T00:00:00.000Z');
});

describe('a named token', () => {
  const input = (changes: object) => ({ name: 'ci', scopes: ['read'], ...changes });

  test.each<[object, string | undefined]>([
    [{}, undefined],
    [{ tenantId: 'acme', deploymentId: 'chat', scopes: ['read', 'launch'] }, undefined],
    [{ scopes: ['admin', 'read', 'launch'] }, undefined],
    [{ name: 'admin' }, "must not be 'admin'"],
    [{ name: 'Admin' }, "must not be 'admin'"],
    [{ scopes: [] }, 'must not be empty'],
    [{ scopes: ['read', 'read', 'read', 'read'] }, 'must have at most 3 entries'],
    [{ scopes: ['admin'], tenantId: 'acme' }, 'must not include admin'],
    [{ scopes: ['read', 'admin'], deploymentId: 'chat' }, 'must not include admin'],
    [{ expiresAt: 'tomorrow' }, 'must be a timestamp'],
    [{ scope: 'read' }, 'nrecognized key'],
  ])('with %j is refused: %s', (changes, fault) => {
    const found = faultOf(accessTokenInputSchema, input(changes));
    expect(found ?? '').toContain(fault ?? '');
    expect(found === undefined).toBe(fault === undefined);
  });

  test('keeps its former secret for a day, and for 30 days at most', () => {
    expect(tokenRotationSchema.parse({})).toEqual({ graceSeconds: 86_400 });
    expect(tokenRotationSchema.parse({ graceSeconds: 0 })).toEqual({ graceSeconds: 0 });
    for (const graceSeconds of [-1, 2_592_001, 1.5]) {
      expect(faultOf(tokenRotationSchema, { graceSeconds })).toContain('from 0 to 2592000');
    }
    expect(faultOf(tokenRotationSchema, { grace: 1 })).toBeDefined();
  });
});

test.each<[object, string | undefined]>([
  [{}, undefined],
  [{ nodeId: [ID], limit: 1_000, cursor: 'x'.repeat(500) }, undefined],
  [{ nodeId: [] }, 'must not be empty'],
  [{ nodeId: Array.from({ length: 101 }, () => ID) }, 'must have at most 100 entries'],
  [{ limit: 0 }, 'from 1 to 1000'],
  [{ limit: 1_001 }, 'from 1 to 1000'],
  [{ cursor: 'x'.repeat(501) }, 'must be a cursor from an earlier answer'],
  [{ deploymentId: '../x' }, 'must be 1 to 64 letters'],
  [{ node: ID }, 'nrecognized key'],
])('a search with %j is refused: %s', (query, fault) => {
  const found = faultOf(logSearchQuerySchema, query);
  expect(found ?? '').toContain(fault ?? '');
  expect(found === undefined).toBe(fault === undefined);
});

test.each(['', 'a b', 'a.b', 'x'.repeat(4_097)])('%# is no cursor of a merged stream', (text) => {
  expect(faultOf(mergedCursorSchema, text)).toContain('must be a cursor from an earlier answer');
  expect(faultOf(mergedCursorSchema, 'A-z_9')).toBeUndefined();
});

test('programs that are made from the schemas know which numbers of an answer are whole', () => {
  const typesOf = (schema: z.ZodType) => JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any' }));
  expect(typesOf(logSearchEndSchema).match(/"type":"integer"/g)).toHaveLength(2);
  expect(typesOf(logSearchHitSchema)).toContain('"minItems":2,"maxItems":2');
  expect(typesOf(notificationDeliverySchema).match(/"type":"integer"/g)).toHaveLength(2);
  expect(typesOf(notificationTestSchema).match(/"type":"integer"/g)).toHaveLength(1);
  expect(logSearchHitSchema.shape.highlights.safeParse([[0, 5]]).success).toBe(true);
  expect(logSearchHitSchema.shape.highlights.safeParse([[0.5, 5]]).success).toBe(false);
});
