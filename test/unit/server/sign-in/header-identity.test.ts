import { expect, test } from 'vitest';
import type { AmbientFinding } from '@launchlog/server/auth/ambient-identity';
import { HeaderIdentity } from '@launchlog/server/sign-in/header-identity';
import { RoleTable } from '@launchlog/server/sign-in/role-table';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const HOUR_MS = 3_600_000;
const ROLES = [
  { claim: 'groups', value: 'ops', scopes: ['launch', 'read'], tenant_id: 'acme' },
  { claim: 'email', value: '*@boss.example', scopes: ['admin'] },
];

/** The people of a proxy, and their entries in the audit trail. */
function people(verify?: (signed: string) => Promise<Record<string, unknown>>, rows: object[] = ROLES) {
  const clock = new FakeClock();
  const trail: string[] = [];
  const identity = new HeaderIdentity({
    headers: { user: 'x-user', email: 'x-email', groups: 'x-groups' },
    roles: new RoleTable(JSON.stringify(rows), 'OIDC_ROLES'),
    realm: 'proxy.example',
    nameClaim: undefined,
    verify,
    clock,
    audit: {
      record: (by, { action, target = '' }, { outcome, code = '' }) => {
        const name = 'name' in by ? by.name : 'nobody';
        trail.push(`${name} ${action} ${target} ${outcome} ${code}`.replaceAll(/ +/g, ' ').trim());
        return Promise.resolve();
      },
    },
  });
  const read = (headers: Record<string, string | string[]>): Promise<AmbientFinding | undefined> =>
    identity.read(headers as never, '192.0.2.1');
  return { clock, trail, read };
}

test('a person whom the proxy names has the rights of a group or of an address', async () => {
  const { read } = people();
  expect(await read({ 'x-user': ' ada ', 'x-groups': 'dev, ops|x,' })).toEqual({
    kind: 'known',
    principal: {
      name: 'ada@proxy.example',
      kind: 'proxy_identity',
      scopes: ['nodes:read', 'nodes:write', 'logs:read'],
      tenantId: 'acme',
      deploymentId: undefined,
    },
  });
  expect(await read({ 'x-user': 'eve', 'x-email': 'eve@boss.example' })).toMatchObject({
    principal: { name: 'eve@boss.example', scopes: expect.arrayContaining(['admin']) as unknown },
  });
});

test.each<[string, Record<string, string | string[]>]>([
  ['there is no header', {}],
  ['it is empty', { 'x-user': '  ', 'x-groups': 'ops' }],
  ['it was sent twice', { 'x-user': ['ada', 'eve'], 'x-groups': 'ops' }],
])('nobody is named where %s', async (_, headers) => {
  const { read, trail } = people();
  expect(await read(headers)).toBeUndefined();
  expect(trail).toEqual([]);
});

test.each<[string, Record<string, string>, string, string]>([
  ['has no role', { 'x-user': 'ada' }, 'ada@proxy.example has no role here', 'no_role'],
  ['has no group that counts', { 'x-user': 'ada', 'x-groups': ',OPS| ,' }, 'has no role', 'no_role'],
  [
    'has a name that cannot be used',
    { 'x-user': 'a\u001bda', 'x-groups': 'ops' },
    'a name that',
    'invalid_identity',
  ],
])('a person who %s is refused, and the trail has it', async (_, headers, text, code) => {
  const { read, trail } = people();
  const found = await read(headers);
  expect(found).toMatchObject({ kind: 'refused', refusal: { code: 'forbidden' } });
  expect(found?.kind === 'refused' && found.refusal.message).toContain(text);
  expect(trail).toEqual([expect.stringMatching(new RegExp(`session\\.proxy refused ${code}$`))]);
});

test('a person in no group is in none, also where any group gives a right', async () => {
  const { read } = people(undefined, [{ claim: 'groups', value: '*', scopes: ['read'] }]);
  expect(await read({ 'x-user': 'ada', 'x-groups': 'any' })).toMatchObject({ kind: 'known' });
  for (const groups of ['', ' ', ',', ' | ,']) {
    expect(await read({ 'x-user': 'ada', 'x-groups': groups })).toMatchObject({ kind: 'refused' });
  }
});

test('a signed name counts by its signature alone, and not while the keys cannot be read', async () => {
  const answers = new Map<string, () => Promise<Record<string, unknown>>>([
    ['good', () => Promise.resolve({ sub: '1', groups: ['ops'] })],
    ['forged', () => Promise.reject(new Error('no'))],
    ['away', () => Promise.reject(new LaunchlogError('unavailable', 'no keys'))],
  ]);
  const { read } = people((signed) => answers.get(signed)?.() ?? Promise.reject(new Error('no')));
  expect(await read({ 'x-user': 'good', 'x-groups': 'none' })).toMatchObject({
    principal: { name: '1@proxy.example' },
  });
  const forged = await read({ 'x-user': 'forged', 'x-groups': 'ops' });
  expect(forged?.kind === 'refused' && forged.refusal.message).toContain('not signed for this server');
  await expect(read({ 'x-user': 'away' })).rejects.toThrow('no keys');
});

test('the audit trail records a person and their role every twelve hours, and at once when the role changes', async () => {
  const { read, trail, clock } = people();
  const ada = { 'x-user': 'ada', 'x-groups': 'ops' };
  await read(ada);
  await clock.advance(12 * HOUR_MS - 1);
  await read(ada);
  expect(trail).toEqual([
    'ada@proxy.example session.proxy ok',
    expect.stringContaining('session.role groups=ops'),
  ]);
  await clock.advance(1);
  await read(ada);
  expect(trail).toHaveLength(4);
  await read({ ...ada, 'x-email': 'ada@boss.example', 'x-groups': 'x' });
  expect(trail).toHaveLength(6);
});
