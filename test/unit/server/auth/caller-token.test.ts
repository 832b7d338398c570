import { describe, expect, test } from 'vitest';
import { callerToken, isJwt, onceOnly } from '@launchlog/server/auth/caller-token';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';
const isOurs = (token: string) => token.startsWith('llt_');

describe('the token of a request', () => {
  test.each([
    [{ 'x-admin-token': 'any text' }, 'any text'],
    [{ 'x-admin-token': 'a, a' }, 'a'],
    [{ 'x-admin-token': 'a, b' }, 'a, b'],
    [{ authorization: 'Bearer llt_1' }, 'llt_1'],
    [{ authorization: 'bearer   llt_1' }, 'llt_1'],
    [{ 'x-admin-token': 'own', authorization: 'Bearer llt_1' }, 'own'],
    [{ 'x-admin-token': '', authorization: 'Bearer llt_1' }, 'llt_1'],
  ])('of the headers %j is %j', (headers, token) => {
    expect(callerToken(headers, isOurs)).toBe(token);
  });

  test.each([
    {},
    { 'x-admin-token': '' },
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: 'Basic llt_1' },
    { authorization: 'llt_1' },
    { authorization: 'Bearer something-else' },
    { authorization: `Bearer ${JWT}` },
  ])('is not in the headers %j', (headers) => {
    expect(callerToken(headers, isOurs)).toBeUndefined();
    const asked: string[] = [];
    const isAny = (token: string) => asked.push(token) > 0;
    if (/^Bearer [^ ]/.test(headers.authorization ?? '')) return;
    callerToken(headers, isAny);
    expect(asked).toEqual([]);
  });

  test.each([
    [JWT, true],
    [`${JWT}.x.y`, true],
    [`${JWT}.x`, false],
    ['eyJ', false],
    ['a.b.c', false],
    [`x${JWT}`, false],
  ])('%s is a JWT: %s', (token, expected) => {
    expect(isJwt(token)).toBe(expected);
  });

  test('a header is one with its copies, and a list with others', () => {
    expect(onceOnly(undefined)).toBeUndefined();
    expect(onceOnly(['a', 'a'])).toBe('a');
    expect(onceOnly(['a', 'b'])).toBe('a, b');
    expect(onceOnly('a,b')).toBe('a,b');
  });
});
