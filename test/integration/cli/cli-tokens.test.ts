import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { ADMIN_TOKEN, ServerEdge } from '../../support/server/server-edge.js';

let edge: ServerEdge;
beforeAll(() => buildSdk());
beforeEach(async () => void (edge = await ServerEdge.start()));
afterEach(() => edge.close());

async function cli(args: readonly string[], token = ADMIN_TOKEN) {
  const environment = { LAUNCHLOG_URL: edge.url, LAUNCHLOG_TOKEN: token };
  const run = runNode([CLI_PATH, ...args], { environment });
  const exitCode = await run.exitCode;
  return { exitCode, stdout: run.stdout(), stderr: run.stderr() };
}

test('a token is created, printed alone on standard output, used, listed without its value, and revoked', async () => {
  const created = await cli([
    'tokens',
    'create',
    'ci',
    '--scope',
    'read',
    '--deployment',
    'chat',
    '--expires',
    '30d',
  ]);
  expect(created.exitCode).toBe(0);
  const token = created.stdout.trim();
  expect(token).toMatch(/^llt_[\w-]{43}$/);
  const [row] = edge.access.tokenStore.rows.values();
  expect(Date.parse(row?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
  expect(Date.parse(row?.expiresAt ?? '') - Date.now()).toBeLessThan(30.1 * 86_400_000);
  expect((await cli(['list'], token)).exitCode).toBe(0);
  const listed = await cli(['tokens', 'list']);
  expect(listed.stdout).toMatch(/^NAME +MAY +ONLY +STATE/);
  expect(listed.stdout).toMatch(/^ci +read +deployment chat +expires /m);
  expect(listed.stdout).not.toContain(token);
  expect((await cli(['tokens', 'revoke', 'ci'])).stdout).toContain('ci: revoked ');
  expect((await cli(['list'], token)).exitCode).not.toBe(0);
});

test('a token is rotated: the new secret is printed alone, the former one works until its time is over', async () => {
  const former = (await cli(['tokens', 'create', 'ci', '--scope', 'read'])).stdout.trim();
  const rotated = await cli(['tokens', 'rotate', 'ci', '--grace', '2h']);
  expect(rotated.stdout.trim()).toMatch(/^llt_[\w-]{43}$/);
  expect(rotated.stderr).toContain("the former secret of 'ci' is valid until 20");
  for (const token of [former, rotated.stdout.trim()]) expect((await cli(['list'], token)).exitCode).toBe(0);
  expect((await cli(['tokens', 'rotate', 'ci', '--grace', '31d'])).exitCode).toBe(2);
  expect((await cli(['tokens', 'rotate', 'ci', '--grace', '0s'])).stderr).toContain('is no longer valid');
  expect((await cli(['list'], former)).exitCode).not.toBe(0);
});

test('a new token is in each form of the output, and without a remark where only the token was asked for', async () => {
  const yaml = await cli(['tokens', 'create', 'one', '--scope', 'read', '-o', 'yaml']);
  expect(yaml.stdout).toMatch(/^name: "one"$/m);
  expect(yaml.stdout).toMatch(/^token: "llt_[\w-]{43}"$/m);
  for (const form of [['-q'], ['-o', 'name']]) {
    const { stdout } = await cli(['tokens', 'rotate', 'one', ...form]);
    expect(stdout).toMatch(/^llt_[\w-]{43}\n$/);
  }
  expect((await cli(['tokens', 'create', 'two', '--scope', 'read', '-q'])).stderr).toBe('');
  const revoked = await cli(['tokens', 'revoke', 'two', '-o', 'json']);
  expect(JSON.parse(revoked.stdout)).toMatchObject({ name: 'two', revoked_at: expect.any(String) as string });
});

test('sessions are listed and ended by the beginning of their id, or all of a name', async () => {
  const signIn = async () => {
    const body = JSON.stringify({ token: ADMIN_TOKEN });
    const answer = await fetch(`${edge.url}/session`, { method: 'POST', body });
    return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  };
  const statusOf = async (Cookie: string) =>
    (await fetch(`${edge.url}/session`, { headers: { Cookie } })).status;
  const [one, two] = [await signIn(), await signIn()];
  const [head, ...lines] = (await cli(['sessions', 'list'])).stdout.trim().split('\n');
  expect(head).toMatch(/^ID +WHO +BY +FROM/);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^[0-9a-f]{8} +admin +token +127\.0\.0\.1/);
  expect((await cli(['sessions', 'end', lines[0]?.slice(0, 8) ?? ''])).stdout).toContain('signed out admin');
  expect([await statusOf(one), await statusOf(two)].toSorted((first, second) => first - second)).toEqual([
    200, 401,
  ]);
  expect((await cli(['sessions', 'end', '--of', 'admin'])).exitCode).toBe(0);
  expect([await statusOf(one), await statusOf(two)]).toEqual([401, 401]);
  expect((await cli(['sessions', 'end'])).exitCode).toBe(2);
  expect((await cli(['sessions', 'end', 'abc'])).stderr).toContain("there is no session 'abc'");
});

describe('whoami', () => {
  test.each([
    ['read', ['--scope', 'read', '--deployment', 'chat'], { scopes: ['read'], deployment_id: 'chat' }],
    ['launch', ['--scope', 'launch', '--tenant', 'acme'], { scopes: ['launch'], tenant_id: 'acme' }],
    ['root', ['--scope', 'admin', '--expires', '30d'], { scopes: ['admin'] }],
  ])('names a token with the scope %s and what it may do, and never its secret', async (name, flags, may) => {
    const token = (await cli(['tokens', 'create', name, ...flags])).stdout.trim();
    const json = await cli(['whoami', '-o', 'json'], token);
    const said = JSON.parse(json.stdout) as Record<string, unknown>;
    expect(said).toMatchObject({ name, kind: 'token', credential: 'token', ...may });
    expect(said['expires_at'] !== undefined).toBe(flags.includes('--expires'));
    const card = await cli(['whoami'], token);
    expect(card.stdout).toMatch(new RegExp(`^name +${name}\n`));
    expect(card.stdout).toContain(edge.url);
    expect(json.stdout + card.stdout).not.toContain(token.slice(4));
    expect((await cli(['whoami', '-q'], token)).stdout).toBe(`${name}\n`);
  });

  test('shows when a former secret ends, and that the configured token never does', async () => {
    const former = (await cli(['tokens', 'create', 'ci', '--scope', 'read'])).stdout.trim();
    await cli(['tokens', 'rotate', 'ci', '--grace', '2h']);
    const { expires_at: end } = JSON.parse((await cli(['whoami', '-o', 'json'], former)).stdout) as {
      expires_at: string;
    };
    expect(Date.parse(end) - Date.now()).toBeLessThanOrEqual(2 * 3_600_000);
    expect((await cli(['whoami', '-o', 'yaml'])).stdout).toBe(
      'name: "admin"\nkind: "token"\ncredential: "token"\nscopes:\n  - "admin"\n',
    );
    expect((await cli(['whoami'])).stdout).toMatch(/^expires +never$/m);
  });

  test('names the person behind a session, and when it ends', async () => {
    const body = JSON.stringify({ token: ADMIN_TOKEN });
    const answer = await fetch(`${edge.url}/session`, { method: 'POST', body });
    const Cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    const said: unknown = await (await fetch(`${edge.url}/admin/whoami`, { headers: { Cookie } })).json();
    expect(said).toMatchObject({ name: 'admin', kind: 'token', credential: 'session' });
    expect(said).toHaveProperty('expires_at');
    expect(said).toHaveProperty('session_id');
  });

  test('fails with 3 where the token is not known', async () => {
    expect(await cli(['whoami'], 'llt_unknown')).toMatchObject({ exitCode: 3, stdout: '' });
  });
});

test.each([
  [['create', 'admin', '--scope', 'read']],
  [['create', 'x', '--scope', 'root']],
  [['create', 'x', '--scope', 'admin', '--tenant', 't']],
  [['create', 'x', '--scope', 'read', '--expires', 'soon']],
  [['revoke', 'nobody']],
])('%j is a usage error and creates no token', async (args) => {
  expect((await cli(['tokens', ...args])).exitCode).toBe(2);
  expect(edge.access.tokenStore.rows.size).toBe(0);
});
