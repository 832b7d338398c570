import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MemorySessionStore } from '../support/fake/memory-session-store.js';
import { MemoryTokenStore } from '../support/fake/memory-token-store.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { within, WAIT_MS } from '../support/within.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;

let shared: { sessionStore: MemorySessionStore; tokenStore: MemoryTokenStore };
const open: ServerEdge[] = [];
async function start(): Promise<ServerEdge> {
  const edge = await ServerEdge.start(shared);
  open.push(edge);
  return edge;
}
beforeEach(() => {
  shared = { sessionStore: new MemorySessionStore(), tokenStore: new MemoryTokenStore() };
});
afterEach(async () => {
  for (const edge of open.splice(0)) await edge.close();
});

async function signIn(edge: ServerEdge, token = ADMIN_TOKEN): Promise<string> {
  const body = JSON.stringify({ token });
  const answer = await fetch(`${edge.url}/session`, {
    method: 'POST',
    body,
    headers: { 'User-Agent': 'Firefox' },
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const statusOf = async (edge: ServerEdge, Cookie: string) =>
  (await fetch(`${edge.url}/session`, { headers: { Cookie } })).status;

async function sessionsOf(edge: ServerEdge, headers: Record<string, string>) {
  const answer = await fetch(`${edge.url}/admin/sessions`, { headers });
  return (await answer.json()) as {
    sessions: { id: string; name: string; current: boolean; client?: string }[];
  };
}

const namedToken = async (edge: ServerEdge, name: string) =>
  edge.access.tokens.create(ADMIN, { name, scopes: ['read'] });

describe('a session', () => {
  test('is known to every server at once, and its sign-out on one ends its streams on another', async () => {
    const [one, other] = [await start(), await start()];
    const Cookie = await signIn(one);
    const { path } = await other.nodeWithLog(1);
    const stream = await fetch(other.url + path, { headers: { Cookie } });
    expect(stream.status).toBe(200);
    await fetch(`${one.url}/session`, { method: 'DELETE', headers: { Cookie, Origin: one.url } });
    expect(await statusOf(one, Cookie)).toBe(401);
    await within('the end of the stream', stream.text(), WAIT_MS);
    expect(await statusOf(other, Cookie)).toBe(401);
  });

  test('that was signed out stays so after a restart, and one that was not stays signed in', async () => {
    const first = await start();
    const [gone, kept] = [await signIn(first), await signIn(first)];
    await fetch(`${first.url}/session`, { method: 'DELETE', headers: { Cookie: gone, Origin: first.url } });
    const next = await start();
    expect([await statusOf(next, gone), await statusOf(next, kept)]).toEqual([401, 200]);
  });

  test('of 0.1.0, which has no row, is adopted, listed and ended like any other', async () => {
    const edge = await start();
    const Cookie = await signIn(edge);
    shared.sessionStore.rows.clear();
    const next = await start();
    expect(await statusOf(next, Cookie)).toBe(200);
    const { sessions } = await sessionsOf(next, { Cookie });
    expect(sessions).toMatchObject([{ name: 'admin', current: true }]);
    await next.fetch(`/admin/sessions/${sessions[0]?.id}`, { method: 'DELETE' });
    expect(await statusOf(next, Cookie)).toBe(401);
  });

  test('is listed and ended by its owner, and nobody else but an administrator sees it', async () => {
    const edge = await start();
    const [ada, bob] = [await namedToken(edge, 'ada'), await namedToken(edge, 'bob')];
    const [ofAda, ofBob] = [await signIn(edge, ada.token), await signIn(edge, bob.token)];
    const own = await sessionsOf(edge, { Cookie: ofAda });
    expect(own.sessions).toMatchObject([{ name: 'ada', current: true, client: 'Firefox' }]);
    const id = own.sessions[0]?.id ?? '';
    const all = await sessionsOf(edge, { 'X-Admin-Token': ADMIN_TOKEN });
    expect(all.sessions.map(({ name }) => name).toSorted()).toEqual(['ada', 'bob']);
    const end = (headers: Record<string, string>) =>
      fetch(`${edge.url}/admin/sessions/${id}`, { method: 'DELETE', headers });
    expect((await end({ 'X-Admin-Token': bob.token })).status).toBe(404);
    expect((await end({ Cookie: ofBob, Origin: edge.url })).status).toBe(404);
    expect(await statusOf(edge, ofAda)).toBe(200);
    expect((await end({ Cookie: ofAda, Origin: edge.url })).status).toBe(200);
    expect(await statusOf(edge, ofAda)).toBe(401);
    const { entries } = edge.access.auditStore;
    expect(entries.filter(({ action }) => action === 'session.end')).toMatchObject([
      { actor: 'bob', outcome: 'refused' },
      { actor: 'ada', outcome: 'ok', target: id },
    ]);
  });

  test('stays valid while the database is away, and can be signed out then too', async () => {
    const edge = await start();
    const Cookie = await signIn(edge);
    shared.sessionStore.failure = new Error('away');
    expect(await statusOf(edge, Cookie)).toBe(200);
    const signOut = await fetch(`${edge.url}/session`, {
      method: 'DELETE',
      headers: { Cookie, Origin: edge.url },
    });
    expect(signOut.status).toBe(204);
    expect(await statusOf(edge, Cookie)).toBe(401);
    shared.sessionStore.failure = undefined;
    const next = await start();
    await expect.poll(() => statusOf(next, Cookie)).toBe(401);
  });
});

describe('a token that is rotated', () => {
  test('has two valid secrets until the grace is over, and then what the former one has open ends', async () => {
    const edge = await start();
    const { token: former, accessToken } = await namedToken(edge, 'ci');
    const rotate = async (graceSeconds: number) => {
      const body = JSON.stringify({ grace_seconds: graceSeconds });
      const answer = await edge.fetch(`/admin/tokens/${accessToken.id}/rotate`, { method: 'POST', body });
      return (await answer.json()) as { token: string };
    };
    const { token } = await rotate(3_600);
    expect(token).not.toBe(former);
    const { path } = await edge.nodeWithLog(1);
    const read = (secret: string) => fetch(edge.url + path, { headers: { 'X-Admin-Token': secret } });
    const [byFormer, byNew] = [await read(former), await read(token)];
    const ofFormer = await signIn(edge, former);
    expect([byFormer.status, byNew.status, await statusOf(edge, ofFormer)]).toEqual([200, 200, 200]);
    const { token: last } = await rotate(0);
    await within('the end of the former stream', byFormer.text(), WAIT_MS);
    await within('the end of the stream of the second', byNew.text(), WAIT_MS);
    expect((await read(former)).status).toBe(401);
    expect((await read(token)).status).toBe(401);
    expect(await statusOf(edge, ofFormer)).toBe(401);
    const latest = await read(last);
    expect(latest.status).toBe(200);
    await latest.body?.cancel();
  });

  test('is refused where the grace is too long, with the limit', async () => {
    const edge = await start();
    const { accessToken } = await namedToken(edge, 'ci');
    const body = JSON.stringify({ grace_seconds: 2_592_001 });
    const answer = await edge.fetch(`/admin/tokens/${accessToken.id}/rotate`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("'grace_seconds' must be a whole number from 0 to 2592000");
  });
});
