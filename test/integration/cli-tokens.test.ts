import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildSdk, CLI_PATH } from '../support/built-sdk.js';
import { runNode } from '../support/node-run.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server-edge.js';

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
  expect(listed.stdout).toContain('ci  read  deployment chat  expires ');
  expect(listed.stdout).not.toContain(token);
  expect((await cli(['tokens', 'revoke', 'ci'])).stdout).toContain('ci: revoked ');
  expect((await cli(['list'], token)).exitCode).not.toBe(0);
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
