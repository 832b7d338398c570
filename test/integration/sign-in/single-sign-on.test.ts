import { afterEach, describe, expect, test } from 'vitest';
import { IssuerError } from '@launchlog/server/sign-in/issuer';
import type { IssuedTokens, Issuer } from '@launchlog/server/sign-in/issuer';
import { NoRoleError } from '@launchlog/server/sign-in/person-sign-in';
import { SignInCookie } from '@launchlog/server/sign-in/sign-in-cookie';
import { SingleSignOn } from '@launchlog/server/sign-in/single-sign-on';
import { systemClock } from '@launchlog/server/clock';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import type { EdgeAccess } from '../../support/server/edge-access.js';
import type { ServerEdge } from '../../support/server/server-edge.js';

const SECRET = 'a-secret-of-the-tests';
const TOKENS: IssuedTokens = { claims: {}, subject: 'u-1', idToken: 'id', idTokenEndsAtMs: 0 };
const PERSON = { name: 'ada', endsAtMs: 1_893_456_000_000 };
const opened = new OpenedEdges();
afterEach(() => opened.close());

interface Script {
  readonly issuer?: Partial<Issuer>;
  readonly admit?: () => Promise<unknown>;
  readonly idToken?: string;
  readonly signInsPerMinute?: number;
}

/** An edge whose issuer answers as it is scripted, and what came of it. */
async function started({ issuer = {}, admit, idToken, signInsPerMinute }: Script = {}) {
  const done: string[] = [];
  const problems: unknown[] = [];
  const used = new Set<string>();
  const note = (name: string) => (id: string) => {
    done.push(`${name} ${id}`);
    return Promise.resolve();
  };
  let signOn: SingleSignOn | undefined;
  const make = ({ audit }: EdgeAccess): SingleSignOn => {
    signOn = new SingleSignOn({
      issuer: {
        realm: 'id.example',
        authorizationUrl: () => Promise.resolve(new URL('https://id.example/auth')),
        exchange: () => Promise.resolve(TOKENS),
        beginDevice: () => Promise.reject(new TypeError('not scripted')),
        pollDevice: () => Promise.resolve(TOKENS),
        refresh: () => Promise.reject(new TypeError('not scripted')),
        readLogout: (tokenId) => Promise.resolve({ tokenId, subject: 'u-1', endsAtMs: 1 }),
        logoutUrl: (hint) => Promise.resolve(new URL(`https://id.example/out?${hint}`)),
        ...issuer,
      },
      people: { admit: admit ?? (() => Promise.resolve(PERSON)) } as never,
      cookie: new SignInCookie({ secret: SECRET, clock: systemClock, secure: false, path: '/' }),
      sessions: { beginPerson: () => Promise.resolve({ cookie: 'session=1' }) } as never,
      tokens: { begin: () => Promise.resolve({ token: 'lls_1' }) } as never,
      store: {
        sealed: () => Promise.resolve({ bytes: Buffer.alloc(0), keyId: 'k' }),
        ofIssuer: () => Promise.resolve([{ id: 's-1', name: 'ada' }]),
      } as never,
      registry: { end: note('end') },
      used: {
        has: (id) => Promise.resolve(used.has(id)),
        note: (id) => Promise.resolve(void used.add(id)),
      },
      secretBox: { open: () => (idToken === undefined ? {} : { idToken }) },
      audit,
      redirectUri: 'http://127.0.0.1/session/sso/callback',
      label: 'id.example',
      onProblem: (_, error) => problems.push(error),
    });
    return signOn;
  };
  const edge = await opened.start({
    signOn: make,
    ...(signInsPerMinute !== undefined && { signInsPerMinute }),
  });
  const trail = () => edge.access.auditStore.entries.map(({ action, code }) => `${action} ${code ?? 'ok'}`);
  return { edge, done, problems, trail, logoutUrl: (id: string) => signOn?.logoutUrl(id) };
}

const visit = (edge: ServerEdge, path: string, headers: Record<string, string> = {}) =>
  fetch(`${edge.url}/session/${path}`, { redirect: 'manual', headers });
const post = (edge: ServerEdge, path: string, body: string | URLSearchParams) =>
  fetch(`${edge.url}/session/${path}`, { method: 'POST', body });
const cookieOf = (answer: Response) => (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';

const FAILURES = [
  ['refused', new IssuerError('refused', 'declined'), 403, 403, 'declined'],
  ['misconfigured', new IssuerError('misconfigured', 'wrong secret'), 502, 503, 'wrong secret'],
  ['away', new IssuerError('away', 'cannot be reached'), 503, 503, 'cannot be reached'],
  ['unforeseen', new TypeError('a secret detail'), 500, 500, 'internal error'],
] as const;

describe('a browser that signs in', () => {
  test('is let in with the cookie of the sign-in that it began, and without it is not', async () => {
    const { edge, trail } = await started();
    const begun = await visit(edge, 'sso?to=/nodes');
    expect([begun.status, begun.headers.get('location')]).toEqual([302, 'https://id.example/auth']);
    const stranger = await visit(edge, 'sso/callback?code=c&state=s');
    expect(stranger.status).toBe(403);
    expect(await stranger.text()).toContain('began in another browser');
    expect(trail()).toEqual(['session.sso issuer_refused']);
    const back = await visit(edge, 'sso/callback?code=c&state=s', { cookie: cookieOf(begun) });
    expect([back.status, back.headers.get('location')]).toEqual([302, '/nodes']);
  });

  test.each(FAILURES)('reads why where the issuer is %s', async (kind, failure, status, _, text) => {
    const { edge, problems } = await started({
      issuer: { authorizationUrl: () => Promise.reject(failure), exchange: () => Promise.reject(failure) },
    });
    const begun = await visit(edge, 'sso');
    expect([begun.status, (await begun.text()).toLowerCase().includes(text)]).toEqual([status, true]);
    expect(problems).toEqual(kind === 'refused' ? [] : [failure]);
  });

  test('may try once a minute where that is the limit', async () => {
    const { edge } = await started({ signInsPerMinute: 1 });
    expect((await visit(edge, 'sso')).status).toBe(302);
    expect((await visit(edge, 'sso')).status).toBe(429);
  });
});

describe('a command line that signs in', () => {
  const poll = (edge: ServerEdge, code = 'd') =>
    post(edge, 'device/token', JSON.stringify({ device_code: code }));

  test('gets its token', async () => {
    const { edge } = await started();
    expect(await (await poll(edge)).json()).toEqual({
      token: 'lls_1',
      name: 'ada',
      ends_at: '2030-01-01T00:00:00.000Z',
    });
  });

  test.each(FAILURES)(
    'is answered by its kind where the issuer is %s',
    async (kind, failure, _, status, text) => {
      const { edge, trail } = await started({
        issuer: { beginDevice: () => Promise.reject(failure), pollDevice: () => Promise.reject(failure) },
      });
      for (const answer of [await post(edge, 'device', ''), await poll(edge)]) {
        expect([answer.status, answer.headers.has('retry-after')]).toEqual([status, status === 503]);
        expect(await answer.text()).toContain(text);
      }
      expect(trail()).toEqual([`session.device issuer_${kind === 'unforeseen' ? 'failed' : kind}`]);
    },
  );

  test('is refused without a role, and with a code that no issuer gives out', async () => {
    const { edge } = await started({ admit: () => Promise.reject(new NoRoleError('eve')) });
    const answer = await poll(edge);
    expect([answer.status, (await answer.text()).includes('OIDC_ROLES')]).toEqual([403, true]);
    for (const code of ['', 'x'.repeat(4_097)]) expect((await poll(edge, code)).status).toBe(400);
  });
});

describe('a sign-out at the issuer', () => {
  const logout = (edge: ServerEdge, body: string) => post(edge, 'sso/logout', new URLSearchParams(body));

  test('ends the sessions of the person, once for each token', async () => {
    const { edge, done, trail } = await started();
    expect((await logout(edge, 'logout_token=one')).status).toBe(200);
    expect(done).toEqual(['end s-1']);
    const again = await logout(edge, 'logout_token=one');
    expect([again.status, (await again.text()).includes('was used before')]).toEqual([400, true]);
    expect(done).toEqual(['end s-1']);
    expect(trail()).toEqual(['session.end issuer_logout', 'session.end issuer_refused']);
  });

  test.each(['', 'logout_token=', 'logout_token=one&logout_token=two', 'token=one'])(
    'is refused with the form %j',
    async (body) => {
      const { edge, done } = await started();
      const answer = await logout(edge, body);
      expect([answer.status, (await answer.text()).includes('must be given once')]).toEqual([400, true]);
      expect(done).toEqual([]);
    },
  );

  test.each([
    ['refused', 400],
    ['away', 503],
    ['misconfigured', 503],
  ] as const)(
    'that is %s is answered with %i, so that the issuer knows whether to repeat it',
    async (kind, status) => {
      const { edge, done } = await started({
        issuer: { readLogout: () => Promise.reject(new IssuerError(kind, 'no')) },
      });
      expect((await logout(edge, 'logout_token=one')).status).toBe(status);
      expect(done).toEqual([]);
    },
  );

  test.each([
    ['a session with an ID token', 'hint', 'https://id.example/out?hint'],
    ['one whose token was not kept', '', undefined],
    ['one without any', undefined, undefined],
  ])('is offered to %s', async (_, idToken, address) => {
    const { logoutUrl, problems } = await started({ ...(idToken !== undefined && { idToken }) });
    expect((await logoutUrl('s-1'))?.href).toBe(address);
    expect(problems).toEqual([]);
  });
});

test('a server without an issuer answers that it has none', async () => {
  const edge = await opened.start();
  for (const answer of [
    await visit(edge, 'sso'),
    await post(edge, 'device', ''),
    await post(edge, 'sso/logout', ''),
  ]) {
    expect([answer.status, (await answer.text()).includes('set OIDC_ISSUER')]).toEqual([404, true]);
  }
});
