import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TEST_CLIENT, TestIssuer, type TestPerson } from '../../support/backing-service/test-issuer.js';
import { CookieBrowser } from '../../support/client/cookie-browser.js';
import { freePort } from '../../support/network/free-port.js';
import { buildSdk, CLI_PATH } from '../../support/package/built-sdk.js';
import { runNode } from '../../support/process/node-run.js';
import { APP_TIMEOUT_MS, EmbeddedApp } from '../../support/server/embedded-app.js';

const ADMIN_TOKEN = 'the-admin-token-of-the-tests-of-sign-in';
const ADA: TestPerson = {
  sub: 'u-1',
  email: 'ada@example.com',
  email_verified: true,
  groups: ['staff', 'gpu-admins'],
};
const BOB: TestPerson = {
  sub: 'u-2',
  email: 'bob@example.com',
  email_verified: true,
  realm_access: { roles: ['viewer'] },
  org: 'acme',
};
const ROLES = [
  { claim: 'groups', value: 'gpu-admins', scopes: ['admin'] },
  { claim: 'realm_access.roles', value: 'viewer', scopes: ['read'], tenant_claim: 'org' },
];

let issuer: TestIssuer;
let app: EmbeddedApp;
let url: string;
beforeAll(async () => {
  buildSdk();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  issuer = await TestIssuer.start(`${url}/session/sso/callback`);
  app = await EmbeddedApp.start({
    PORT: String(port),
    PUBLIC_URL: url,
    ADMIN_TOKEN,
    OIDC_ISSUER: issuer.url,
    OIDC_CLIENT_ID: TEST_CLIENT.id,
    OIDC_CLIENT_SECRET: TEST_CLIENT.secret,
    OIDC_SCOPES: 'openid profile email',
    OIDC_ROLES: JSON.stringify(ROLES),
    TRUSTED_PROXIES: '127.0.0.9',
    IDENTITY_HEADER: 'Remote-User',
  });
}, APP_TIMEOUT_MS);
afterEach(() => {
  issuer.person = undefined;
});
afterAll(async () => {
  await app?.close();
  await issuer?.stop();
});

async function signIn(person: TestPerson | undefined, to = '/nodes') {
  issuer.person = person;
  const browser = new CookieBrowser();
  const home = new RegExp(`^${url}/(?!session/)`);
  const reached = await browser.open(`${url}/session/sso?to=${encodeURIComponent(to)}`, home);
  return { browser, ...reached };
}

const json = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
const asAdmin = (path: string, method = 'GET') =>
  fetch(url + path, { method, headers: { 'X-Admin-Token': ADMIN_TOKEN } });

async function trail(action: string) {
  return (await json(await asAdmin(`/admin/audit?action=${action}&limit=20`)))['entries'] as object[];
}

describe('a person who signs in by the issuer', () => {
  test('returns to the page they came for, with the rights of the first row that their claims match', async () => {
    const { browser, url: reached, answer } = await signIn(ADA, '/nodes?status=active');
    expect(reached.href).toBe(`${url}/nodes?status=active`);
    expect(answer.headers.getSetCookie().join('\n')).toMatch(
      /launchlog_session=[^;]+;.*HttpOnly; SameSite=Strict/,
    );
    const session = await json(await browser.visit(`${url}/session`));
    expect(session).toMatchObject({ name: 'ada@example.com', may_launch: true });
    expect((await browser.visit(`${url}/admin/tokens`)).status).toBe(200);
    expect((await trail('session.role'))[0]).toMatchObject({
      actor: 'ada@example.com',
      target: 'groups=gpu-admins gives admin',
    });
    expect((await trail('session.sso'))[0]).toMatchObject({ actor: 'ada@example.com', outcome: 'ok' });
    const { sessions } = await json(await asAdmin('/admin/sessions?name=ada@example.com'));
    expect(sessions).toMatchObject([{ way: 'sso', address: '127.0.0.1' }]);
  });

  test('is bound by a claim, and may do no more than the row allows', async () => {
    const { browser } = await signIn(BOB);
    const session = await json(await browser.visit(`${url}/session`));
    expect(session).toMatchObject({ name: 'bob@example.com', may_launch: false, tenant_id: 'acme' });
    expect((await browser.visit(`${url}/admin/nodes`)).status).toBe(200);
    expect((await browser.visit(`${url}/admin/tokens`)).status).toBe(403);
  });

  test('without a role reads who they are and what to do, gets no session, and leaves an entry', async () => {
    const { browser, answer } = await signIn({
      sub: 'u-3',
      email: 'eve<b>@example.com',
      groups: ['gpu-admin'],
    });
    expect(answer.status).toBe(403);
    const page = await answer.text();
    expect(page).toContain('eve&lt;b&gt;@example.com');
    expect(page).toContain('OIDC_ROLES');
    expect((await browser.visit(`${url}/session`)).status).toBe(401);
    expect((await trail('session.sso'))[0]).toMatchObject({ outcome: 'refused', code: 'no_role' });
  });

  test('a person who declines at the issuer reads that', async () => {
    const { answer } = await signIn(undefined);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('declined at the identity provider');
  });

  test('never returns to another site, whatever the link names', async () => {
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      expect((await signIn(ADA, to)).url.href).toBe(`${url}/`);
    }
  });

  test('cannot finish what another browser began, twice, or with another state', async () => {
    issuer.person = ADA;
    const mine = new CookieBrowser();
    const back = await mine.open(`${url}/session/sso`, /\/session\/sso\/callback/);
    expect((await new CookieBrowser().visit(back.url)).status).toBe(403);
    const forged = new URL(back.url);
    forged.searchParams.set('state', 'another');
    const answer = await mine.visit(forged);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('does not belong')]);
    const second = new CookieBrowser();
    const again = await second.open(`${url}/session/sso`, /\/session\/sso\/callback/);
    expect((await second.visit(again.url)).status).toBe(302);
    expect((await second.visit(again.url)).status).toBe(403);
  });

  test('can sign in after the issuer has changed its keys', async () => {
    expect((await signIn(ADA)).answer.status).toBe(302);
    issuer.rotateKeys();
    await expect.poll(async () => (await signIn(ADA)).answer.status).toBe(302);
  });

  test('keeps the session while the issuer is away, and who wants to sign in reads what to do', async () => {
    const { browser } = await signIn(ADA);
    await issuer.stop();
    expect((await browser.visit(`${url}/session`)).status).toBe(200);
    expect((await asAdmin('/admin/nodes')).status).toBe(200);
    const device = await fetch(`${url}/session/device`, { method: 'POST' });
    expect(device.status).toBe(503);
    expect(device.headers.get('retry-after')).toBe('5');
    await issuer.resume();
    await expect.poll(async () => (await signIn(ADA)).answer.status).toBe(302);
  });

  test('a person who signs out also leaves the issuer, and an administrator can end the session', async () => {
    const { browser } = await signIn(ADA);
    const out = await browser.visit(`${url}/session`, { method: 'DELETE', headers: { Origin: url } });
    expect(out.status).toBe(200);
    const { sign_out_url: elsewhere } = (await json(out)) as { sign_out_url: string };
    expect(elsewhere).toMatch(
      new RegExp(`^${issuer.url}/session/end\\?id_token_hint=.+&post_logout_redirect_uri=`),
    );
    expect((await browser.visit(`${url}/session`)).status).toBe(401);
    const other = await signIn(ADA);
    const listed = await json(await asAdmin('/admin/sessions?name=ada@example.com'));
    for (const { id } of listed['sessions'] as { id: string }[])
      await asAdmin(`/admin/sessions/${id}`, 'DELETE');
    expect((await other.browser.visit(`${url}/session`)).status).toBe(401);
  });

  test('is signed out here by the issuer: of one session there, or of all', async () => {
    const { browser } = await signIn(ADA);
    const out = await browser.visit(`${url}/session`, { method: 'DELETE', headers: { Origin: url } });
    const hint = new URL(String((await json(out))['sign_out_url'])).searchParams.get('id_token_hint');
    const claims = Buffer.from(hint?.split('.')[1] ?? '', 'base64url').toString();
    const { sid } = JSON.parse(claims) as { sid: string };
    // The same session at the issuer, by its cookie, and one of its own here.
    await browser.open(`${url}/session/sso`, new RegExp(`^${url}/(?!session/)`));
    const browsers = [browser, (await signIn(ADA)).browser];
    const statuses = () =>
      Promise.all(browsers.map(async (one) => (await one.visit(`${url}/session`)).status));
    expect(await statuses()).toEqual([200, 200]);
    await issuer.signOut(ADA.sub, sid);
    expect(await statuses()).toEqual([401, 200]);
    expect((await trail('session.end'))[0]).toMatchObject({
      actor: 'ada@example.com',
      code: 'issuer_logout',
    });
    await issuer.signOut(ADA.sub);
    expect(await statuses()).toEqual([401, 401]);
  });

  test('is not signed out by what the issuer sent before, or did not send', async () => {
    await issuer.signOut(ADA.sub);
    const { browser } = await signIn(ADA);
    for (const [token = '', problem] of [
      [issuer.logoutTokens.at(-1), 'was used before'],
      ['eyJhbGciOiJub25lIn0.e30.', 'logout token cannot be used'],
      ['', 'logout_token must be given'],
    ]) {
      const body = new URLSearchParams({ logout_token: token });
      const answer = await fetch(`${url}/session/sso/logout`, { method: 'POST', body });
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(problem ?? '')]);
    }
    expect((await browser.visit(`${url}/session`)).status).toBe(200);
    expect((await trail('session.end'))[0]).toMatchObject({ outcome: 'refused', code: 'issuer_refused' });
  });

  test('a cookie of theirs is nothing that a server of 0.1.0 would take for the admin token', async () => {
    const { browser } = await signIn(BOB);
    const [body = ''] = browser.cookiesFor(url).split('launchlog_session=')[1]?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toMatchObject({
      actor: 'bob@example.com',
      person: 1,
    });
  });
});

describe('a command line', () => {
  const post = (path: string, body: object = {}) =>
    fetch(url + path, { method: 'POST', body: JSON.stringify(body) });

  test('gets a token when its person has confirmed the code, with the rights of the person', async () => {
    const begun = (await json(await post('/session/device'))) as { device_code: string; user_code: string };
    const poll = () => post('/session/device/token', { device_code: begun.device_code });
    const waiting = await poll();
    expect([waiting.status, await json(waiting)]).toEqual([202, { status: 'pending' }]);
    issuer.person = BOB;
    await issuer.confirm(begun.user_code);
    const answer = await json(await poll());
    expect(answer).toMatchObject({
      name: 'bob@example.com',
      token: expect.stringMatching(/^lls_/) as string,
    });
    const headers = { 'X-Admin-Token': String(answer['token']) };
    expect((await fetch(`${url}/admin/nodes`, { headers })).status).toBe(200);
    expect((await fetch(`${url}/admin/tokens`, { headers })).status).toBe(403);
    const { sessions } = (await json(await fetch(`${url}/admin/sessions`, { headers }))) as {
      sessions: { id: string; way: string; current: boolean }[];
    };
    expect(sessions.find(({ current }) => current)).toMatchObject({ way: 'device' });
    const own = sessions.find(({ current }) => current)?.id;
    await fetch(`${url}/admin/sessions/${own}`, { method: 'DELETE', headers });
    expect((await fetch(`${url}/admin/nodes`, { headers })).status).toBe(401);
  });

  test('saves that token after launchlog login --sso, and uses it', async () => {
    const environment = { XDG_CONFIG_HOME: join(app.folder, 'config') };
    const run = runNode([CLI_PATH, 'login', '--url', url, '--sso'], { environment });
    const codeOf = () => /confirm the code ([A-Z-]+)/.exec(run.stderr())?.[1];
    await expect.poll(codeOf).toBeDefined();
    issuer.person = ADA;
    await issuer.confirm(codeOf() ?? '');
    expect(await run.exitCode).toBe(0);
    expect(run.stdout()).toContain('as ada@example.com until ');
    const saved = await readFile(join(app.folder, 'config/launchlog/config.json'), 'utf8');
    expect(JSON.parse(saved)).toMatchObject({ url, token: expect.stringMatching(/^lls_/) as string });
    const listed = runNode([CLI_PATH, 'sessions', 'list'], { environment });
    expect(await listed.exitCode).toBe(0);
    expect(listed.stdout()).toMatch(/ada@example\.com +device .* this one/);
  });

  test('is refused a code that nobody gave out, and a person without a role', async () => {
    expect((await post('/session/device/token', { device_code: 'made-up' })).status).toBe(403);
    const begun = (await json(await post('/session/device'))) as { device_code: string; user_code: string };
    issuer.person = { sub: 'u-9', email: 'nobody@example.com' };
    await issuer.confirm(begun.user_code);
    const answer = await post('/session/device/token', { device_code: begun.device_code });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('nobody@example.com has no role here');
  });
});

test('the console learns that there is a provider, and a proxy that is not trusted is not believed', async () => {
  expect(await json(await fetch(`${url}/session/options`))).toEqual({ token: true, sso: 'single sign-on' });
  const headers = { 'Remote-User': 'ada', 'Remote-Groups': 'gpu-admins' };
  expect((await fetch(`${url}/session`, { headers })).status).toBe(401);
  expect((await fetch(`${url}/admin/nodes`, { headers })).status).toBe(401);
});
