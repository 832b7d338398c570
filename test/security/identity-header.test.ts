import { generateKeyPairSync, sign } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScriptedHttpServer } from '../support/network/scripted-http-server.js';
import { APP_TIMEOUT_MS, EmbeddedApp } from '../support/server/embedded-app.js';

const ADMIN_TOKEN = 'the-admin-token-of-the-tests-of-proxies';
const PROXY = '127.0.0.1';
const STRANGER = '127.0.0.2';
const ROLES = JSON.stringify([
  { claim: 'groups', value: 'ops', scopes: ['admin'] },
  { claim: 'email', value: '*@example.com', scopes: ['read'], tenant_id: 'acme' },
]);

const apps: EmbeddedApp[] = [];
async function start(environment: Record<string, string>): Promise<string> {
  const app = await EmbeddedApp.start({ ADMIN_TOKEN, OIDC_ROLES: ROLES, ...environment });
  apps.push(app);
  return app.url;
}
afterAll(async () => {
  for (const app of apps) await app.close();
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A request from an address of this machine; a header may be sent twice. */
function call(
  url: string,
  {
    from = PROXY,
    method = 'GET',
    headers = {},
  }: { from?: string; method?: string; headers?: Record<string, string | string[]> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { localAddress: from, method, headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (body += piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end();
  });
}

describe('who a proxy in front names', () => {
  let url: string;
  beforeAll(async () => {
    url = await start({ TRUSTED_PROXIES: PROXY, IDENTITY_HEADER: 'Remote-User' });
  }, APP_TIMEOUT_MS);
  const who = async (options: Parameters<typeof call>[1]) => call(`${url}/session`, options);
  const ADA = { 'Remote-User': 'ada', 'Remote-Email': 'ada@example.com', 'Remote-Groups': 'staff, ops' };

  test('is believed from a trusted proxy only, with the rights of the table', async () => {
    const known = await who({ headers: ADA });
    expect([known.status, JSON.parse(known.body)]).toEqual([
      200,
      expect.objectContaining({ name: 'ada@example.com', may_launch: true }),
    ]);
    expect((await call(`${url}/admin/tokens`, { headers: ADA })).status).toBe(200);
    expect((await who({ from: STRANGER, headers: ADA })).status).toBe(401);
    expect((await call(`${url}/admin/tokens`, { from: STRANGER, headers: ADA })).status).toBe(401);
    expect((await who({ headers: {} })).status).toBe(401);
  });

  test('is bound by the table, and refused with a sentence where no row matches', async () => {
    const bob = { 'Remote-User': 'bob', 'Remote-Email': 'bob@example.com' };
    expect(JSON.parse((await who({ headers: bob })).body)).toMatchObject({
      tenant_id: 'acme',
      may_launch: false,
    });
    expect((await call(`${url}/admin/tokens`, { headers: bob })).status).toBe(403);
    const eve = await who({ headers: { 'Remote-User': 'eve' } });
    expect([eve.status, eve.body]).toEqual([403, expect.stringContaining('eve@proxy has no role here')]);
    expect((await call(`${url}/admin/nodes`, { headers: { 'Remote-User': 'eve' } })).status).toBe(403);
  });

  test('is nobody where a client added a header of its own beside that of the proxy', async () => {
    const twice = { ...ADA, 'Remote-Groups': ['staff', 'ops'] };
    expect((await who({ headers: twice })).status).toBe(401);
    expect((await who({ headers: { ...ADA, 'Remote-Groups': ['ops', 'ops'] } })).status).toBe(200);
  });

  test('changes nothing for a page of another site', async () => {
    const id = '550e8400-e29b-41d4-a716-446655440000';
    const terminate = (headers: Record<string, string>) =>
      call(`${url}/admin/nodes/${id}/terminate`, { method: 'POST', headers: { ...ADA, ...headers } });
    const type = { 'Content-Type': 'application/json' };
    expect((await terminate({ ...type, Origin: 'https://evil.example' })).status).toBe(403);
    expect((await terminate(type)).status).toBe(403);
    expect((await terminate({ Origin: url })).status).toBe(415);
    expect((await terminate({ ...type, Origin: url })).status).toBe(404);
  });

  test('comes after a token and before a cookie; a cookie still helps a person without a role', async () => {
    const bad = await call(`${url}/admin/nodes`, { headers: { ...ADA, 'X-Admin-Token': 'wrong' } });
    expect(bad.status).toBe(401);
    const answer = await fetch(`${url}/session`, {
      method: 'POST',
      body: JSON.stringify({ token: ADMIN_TOKEN }),
    });
    const Cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    const named = async (headers: Record<string, string>) =>
      (JSON.parse((await who({ headers: { ...headers, Cookie } })).body) as { name: string }).name;
    expect(await named(ADA)).toBe('ada@example.com');
    expect(await named({ 'Remote-User': 'eve' })).toBe('admin');
    expect(await named({})).toBe('admin');
  });

  test('is in the trail once, with the row that gave the rights, and each refusal too', async () => {
    for (let time = 0; time < 3; time += 1) await who({ headers: ADA });
    const headers = { 'X-Admin-Token': ADMIN_TOKEN };
    const trail = async (query: string) =>
      (JSON.parse((await call(`${url}/admin/audit?${query}`, { headers })).body) as { entries: object[] })
        .entries;
    expect(await trail('action=session.proxy&actor=ada@example.com')).toMatchObject([{ outcome: 'ok' }]);
    expect(await trail('action=session.role&actor=ada@example.com')).toMatchObject([
      { target: 'groups=ops gives admin', address: PROXY },
    ]);
    expect(await trail('action=session.proxy&outcome=refused')).toMatchObject([
      { actor: 'eve@proxy', code: 'no_role' },
    ]);
  });
});

describe('an identity that the proxy signs, as Cloudflare Access does', () => {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  let certs: ScriptedHttpServer;
  let url: string;
  beforeAll(async () => {
    const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' };
    certs = await ScriptedHttpServer.start((_, response) => response.end(JSON.stringify({ keys: [jwk] })));
    url = await start({
      TRUSTED_PROXIES: PROXY,
      IDENTITY_HEADER: 'Cf-Access-Jwt-Assertion',
      IDENTITY_JWKS_URL: `${certs.url}/cdn-cgi/access/certs`,
      IDENTITY_AUDIENCE: 'the-application',
    });
  }, APP_TIMEOUT_MS);
  afterAll(() => certs.close());

  function jwt(claims: object, key = keys.privateKey, header: object = { alg: 'RS256', kid: 'k' }): string {
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const all = {
      aud: ['the-application'],
      email: 'ada@example.com',
      sub: 'u',
      exp: nowSeconds + 60,
      ...claims,
    };
    const parts = [header, all]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${parts}.${sign('sha256', Buffer.from(parts), key).toString('base64url')}`;
  }
  const statusOf = async (signed: string, from = PROXY) =>
    (await call(`${url}/session`, { from, headers: { 'Cf-Access-Jwt-Assertion': signed } })).status;

  test('is believed with a signature for this server that has not expired, and not otherwise', async () => {
    expect(await statusOf(jwt({}))).toBe(200);
    expect(await statusOf(jwt({}), STRANGER)).toBe(401);
    const past = Math.floor(Date.now() / 1_000) - 3_600;
    const none = `${jwt({}, keys.privateKey, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`;
    for (const signed of [
      jwt({ aud: ['another'] }),
      jwt({ exp: past }),
      jwt({}, foreign.privateKey),
      none,
      'ada@example.com',
    ]) {
      expect(await statusOf(signed)).toBe(403);
    }
  });
});

test.each([
  [{ IDENTITY_HEADER: 'Remote-User' }, 'IDENTITY_HEADER needs TRUSTED_PROXIES'],
  [
    { IDENTITY_HEADER: 'Authorization', TRUSTED_PROXIES: PROXY },
    'IDENTITY_HEADER must be the name of a header that only',
  ],
  [
    { IDENTITY_HEADER: 'Remote-User', TRUSTED_PROXIES: PROXY, OIDC_ROLES: '' },
    'IDENTITY_HEADER needs OIDC_ROLES',
  ],
  [{ OIDC_ISSUER: 'https://id.example.com', OIDC_CLIENT_ID: 'x' }, 'OIDC_ISSUER needs PUBLIC_URL'],
  [
    { OIDC_ISSUER: 'https://id.example.com', PUBLIC_URL: 'https://l.example.com' },
    'OIDC_ISSUER needs OIDC_CLIENT_ID',
  ],
])('with %j a server does not start, and names what is missing', async (environment, message) => {
  await expect(start(environment)).rejects.toThrow(message);
});
