import { describe, expect, test } from 'vitest';
import { claimValues } from '@launchlog/server/sign-in/claim-values';
import { personName } from '@launchlog/server/sign-in/person-name';
import { RoleTable } from '@launchlog/server/sign-in/role-table';

const table = (rows: unknown) => new RoleTable(JSON.stringify(rows), 'OIDC_ROLES');
const row = (changes: object = {}) => ({ claim: 'groups', value: 'ops', scopes: ['read'], ...changes });

describe('the values of a claim', () => {
  test.each([
    ['groups', { groups: ['a', 'b'] }, ['a', 'b']],
    ['groups', { groups: 'a' }, ['a']],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['resource_access.my.app.roles', { resource_access: { 'my.app': { roles: ['a'] } } }, ['a']],
    ['https://example.com/roles', { 'https://example.com/roles': ['a'] }, ['a']],
    ['employee', { employee: true }, ['true']],
    ['level', { level: 3 }, ['3']],
    ['groups', { groups: [{ name: 'a' }, null, 'b', ['c']] }, ['b']],
    ['groups', { groups: { a: true } }, []],
    ['constructor.name', {}, []],
    ['__proto__', {}, []],
    ['groups.0', { groups: ['a'] }, []],
    ['groups.length', { groups: 'abc' }, []],
    ['groups.a', { groups: null }, []],
    ['org.name', Object.create({ org: { name: 'a' } }) as object, []],
  ])('at %s of %j are %j', (claim, claims, expected) => {
    expect(claimValues(claims, claim)).toEqual(expected);
  });
});

describe('a table of roles', () => {
  test('gives the rights of its first row that matches, and none to others', () => {
    const roles = table([
      row({ value: 'boss', scopes: ['admin'] }),
      row({ value: ['ops', 'dev'], scopes: ['read', 'launch', 'read'] }),
    ]);
    expect(roles.roleOf({ groups: ['dev', 'boss'] })?.rights).toMatchObject({ scopes: ['admin'] });
    expect(roles.roleOf({ groups: ['dev'] })).toMatchObject({
      rights: { scopes: ['read', 'launch'] },
      reason: 'groups=dev gives read,launch',
    });
    for (const groups of [[], ['OPS'], ['ops '], 'xops', undefined, ['boss2']]) {
      expect(roles.roleOf({ groups })).toBeUndefined();
    }
  });

  test.each([
    ['*@example.com', 'ada@example.com', true],
    ['*@example.com', 'ada@example.com.evil.org', false],
    ['*@example.com', '@example.com', true],
    ['team-*', 'team-', true],
    ['team-*-ops', 'team-a-ops', true],
    ['team-*-ops', 'team-ops', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*', 'anything', true],
    ['a.c', 'abc', false],
    ['team-*', 'a-team-b', false],
    ['a*b*c', 'a-c', false],
    ['a*bb*bb', 'a-bb', false],
    ['ab*ba', 'aba', false],
  ])('with the value %s and the claim %s matches: %s', (value, given, expected) => {
    expect(table([row({ value })]).roleOf({ groups: [given] }) !== undefined).toBe(expected);
  });

  test('takes no address that the issuer did not check', () => {
    const roles = table([row({ claim: 'email', value: '*@example.com' })]);
    expect(roles.roleOf({ email: 'ada@example.com' })).toBeDefined();
    expect(roles.roleOf({ email: 'ada@example.com', email_verified: false })).toBeUndefined();
    expect(roles.roleOf({ email: 'ada@example.com', email_verified: 'false' })).toBeUndefined();
    expect(roles.roleOf({ email: 'ada@example.com', email_verified: 'true' })).toBeDefined();
  });

  test('binds to what a claim names, and gives nothing where that is missing, several or no label', () => {
    const roles = table([row({ tenant_claim: 'org', deployment_id: 'chat' })]);
    const roleOf = (org: unknown) => roles.roleOf({ groups: 'ops', org })?.rights;
    expect(roleOf('acme')).toEqual({ scopes: ['read'], tenantId: 'acme', deploymentId: 'chat' });
    expect(roleOf(['acme'])).toMatchObject({ tenantId: 'acme' });
    for (const org of [undefined, '', ['acme', 'other'], '../x', 'a b']) expect(roleOf(org)).toBeUndefined();
    const ofDeployments = table([row({ deployment_claim: 'org' })]);
    expect(ofDeployments.roleOf({ groups: 'ops', org: 'chat' })?.rights).toMatchObject({
      deploymentId: 'chat',
    });
    expect(ofDeployments.roleOf({ groups: 'ops' })).toBeUndefined();
  });

  test.each([
    ['not JSON', 'must be JSON'],
    ['{}', 'must be a list of 1 to 1000 rows'],
    ['[]', 'must be a list of 1 to 1000 rows'],
    [JSON.stringify([row(), row({ scopes: ['root'] })]), 'row 2, scopes.0'],
    [JSON.stringify([row({ scopes: ['admin'], tenant_id: 'acme' })]), 'must not be bound'],
    [
      JSON.stringify([row({ tenant_id: 'a', tenant_claim: 'b' })]),
      'must have either tenant_id or tenant_claim',
    ],
    [JSON.stringify([row({ tenant: 'acme' })]), 'row 1'],
    [
      JSON.stringify([row({ deployment_id: 'a', deployment_claim: 'b' })]),
      'must have either deployment_id or deployment_claim',
    ],
    [JSON.stringify([row({ scopes: ['admin'], deployment_claim: 'org' })]), 'must not be bound'],
    [JSON.stringify([row({ scopes: [] })]), 'row 1, scopes'],
    [JSON.stringify([row({ claim: '' })]), 'row 1, claim'],
    [JSON.stringify([row({ claim: 'x'.repeat(501) })]), 'row 1, claim'],
    [JSON.stringify([row({ value: '' })]), 'row 1, value'],
    [JSON.stringify([row({ value: [] })]), 'row 1, value'],
    [JSON.stringify([row({ value: Array(1_001).fill('x') })]), 'row 1, value'],
    [JSON.stringify(Array(1_001).fill(row())), 'must be a list of 1 to 1000 rows'],
    [JSON.stringify(['ops']), 'OIDC_ROLES: row 1: '],
    [JSON.stringify([null]), 'OIDC_ROLES: row 1: '],
    [JSON.stringify([[row()]]), 'OIDC_ROLES: row 1: '],
  ])('%s is refused with the row and the field', (text, message) => {
    expect(() => new RoleTable(text, 'OIDC_ROLES')).toThrow(message);
  });
});

test.each([
  [{ sub: '1', email: 'ada@example.com', preferred_username: 'ada' }, 'ada@example.com'],
  [
    { sub: '1', email: 'ada@example.com', email_verified: false, preferred_username: 'ada' },
    'ada@issuer.example',
  ],
  [{ sub: '1', preferred_username: 'admin' }, 'admin@issuer.example'],
  [{ sub: 'auth0|1' }, 'auth0|1@issuer.example'],
  [{ sub: '1', email: 'a\u001b[2Jb@example.com' }, '1@issuer.example'],
  [{ sub: '1', email: `${'a'.repeat(300)}@example.com` }, '1@issuer.example'],
  [{ sub: '' }, undefined],
])('the name of %j has an @, which no token has: %s', (claims, name) => {
  expect(personName(claims, 'issuer.example')).toBe(name);
});
