import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OpenedEdges } from '../support/client/opened-edges.js';
import { TestSocket } from '../support/client/test-socket.js';
import { writeLine } from '../support/log/write-line.js';
import { ADMIN_TOKEN } from '../support/server/server-edge.js';
import type { ServerEdge, ServerEdgeOptions } from '../support/server/server-edge.js';
import { within } from '../support/within.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const WAIT_MS = 60_000;
const CLOSE_UNAUTHORIZED = 4401;
const CLOSE_SERVICE_RESTART = 1012;

const opened = new OpenedEdges();
const { open } = opened;
let edge: ServerEdge;
async function start(options: ServerEdgeOptions = {}): Promise<void> {
  edge = await opened.start(options);
}
beforeEach(() => start());
afterEach(() => opened.close());

interface Session {
  readonly Cookie: string;
  readonly Origin: string;
}

async function signIn(token = ADMIN_TOKEN): Promise<Session> {
  const answer = await fetch(`${edge.url}/session`, { method: 'POST', body: JSON.stringify({ token }) });
  return { Cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '', Origin: edge.url };
}

const signOut = ({ Cookie, Origin }: Session) =>
  fetch(`${edge.url}/session`, { method: 'DELETE', headers: { Cookie, Origin } });

async function openSocket(session: Session): Promise<TestSocket> {
  const socket = await TestSocket.open(edge.url, { ...session });
  open.push(socket);
  return socket;
}

/** Resolves with all that was streamed when the server ends it. */
async function openStream(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ end: Promise<string> }> {
  const answer = await fetch(edge.url + path, { headers });
  expect(answer.status).toBe(200);
  return { end: answer.text() };
}

describe('signing out', () => {
  test.each([
    ['the admin token', async () => ADMIN_TOKEN],
    [
      'a named token',
      async () => (await edge.access.tokens.create(ADMIN, { name: 'r', scopes: ['read'] })).token,
    ],
  ])('of a session of %s ends its sockets and streams at once, and no other', async (_name, tokenOf) => {
    const token = await tokenOf();
    const [session, other] = [await signIn(token), await signIn(token)];
    const { path } = await edge.nodeWithLog(1);
    const socket = await openSocket(session);
    const otherSocket = await openSocket(other);
    const streams = await Promise.all([
      openStream(path, { Cookie: session.Cookie }),
      openStream('/admin/logs/stream', { Cookie: session.Cookie }),
    ]);
    expect((await signOut(session)).status).toBe(204);
    expect(await within('the end of the socket', socket.closed, WAIT_MS)).toBe(CLOSE_UNAUTHORIZED);
    for (const { end } of streams) await within('the end of the stream', end, WAIT_MS);
    otherSocket.send({ id: 1, method: 'query', params: { path: 'nodes.list' } });
    expect((await within('an answer', otherSocket.answerTo(1), WAIT_MS)).error).toBeUndefined();
  });

  test('ends streams opened with a ticket of the session, and invalidates the ticket', async () => {
    const session = await signIn();
    const { node, path } = await edge.nodeWithLog(1);
    const answer = await fetch(`${edge.url}/admin/nodes/${node.id}/logs/ticket`, {
      method: 'POST',
      headers: { ...session, 'Content-Type': 'application/json' },
    });
    const { ticket } = (await answer.json()) as { ticket: string };
    const { end } = await openStream(`${path}?ticket=${ticket}`);
    await signOut(session);
    await within('the end of the stream', end, WAIT_MS);
    expect((await fetch(`${edge.url}${path}?ticket=${ticket}`)).status).toBe(401);
  });

  test('makes a copy of the cookie useless', async () => {
    const session = await signIn();
    const headers = { Cookie: session.Cookie };
    expect((await fetch(`${edge.url}/admin/nodes`, { headers })).status).toBe(200);
    await signOut(session);
    expect((await fetch(`${edge.url}/admin/nodes`, { headers })).status).toBe(401);
    expect((await fetch(`${edge.url}/session`, { headers })).status).toBe(401);
  });
});

describe('a socket that was opened with a cookie', () => {
  test('is asked to reconnect after the maximum age of a stream, then closed; its reader continues where it was', async () => {
    await start({ maxAgeMs: 3_000, socketMoveWithinMs: 2_000 });
    const session = await signIn();
    const { node, writer } = await edge.nodeWithLog(3);
    const subscribe = (socket: TestSocket, id: number, lastEventId?: string) =>
      socket.send({
        id,
        method: 'subscription',
        params: { path: 'nodes.logsStream', input: { json: { nodeId: node.id } }, lastEventId },
      });
    const seqsOf = (socket: TestSocket) =>
      [...socket.messages.join('').matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq));
    const lastIdOf = (socket: TestSocket) =>
      [...socket.messages.join('').matchAll(/"id":"([0-9a-f]{16}:\d+)"/g)].at(-1)?.[1];

    const first = await openSocket(session);
    subscribe(first, 1);
    await expect.poll(() => seqsOf(first)).toEqual([1, 2, 3]);
    expect(await within('the end of the socket', first.closed, WAIT_MS)).toBe(CLOSE_SERVICE_RESTART);
    expect(first.messages).toContain('{"id":null,"method":"reconnect"}');

    writeLine(writer, 'line 4', { phase: 'provisioning', source: 'skypilot' });
    await writer.flush();
    const second = await openSocket(session);
    subscribe(second, 2, lastIdOf(first));
    await expect.poll(() => seqsOf(second)).toEqual([4]);
  });

  test('ends like one opened with a ticket, and unlike one opened with a token', async () => {
    await start({ maxAgeMs: 500, socketMoveWithinMs: 500 });
    const node = edge.launches.add();
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' });
    const { ticket } = (await answer.json()) as { ticket: string };
    const token = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
    open.push(token);
    const reader = await TestSocket.open(edge.url, {}, `?ticket=${ticket}`);
    open.push(reader);
    expect(await within('the end of the socket', reader.closed, WAIT_MS)).toBe(CLOSE_SERVICE_RESTART);
    token.send({ id: 1, method: 'query', params: { path: 'nodes.list' } });
    expect((await within('an answer', token.answerTo(1), WAIT_MS)).error).toBeUndefined();
    expect(token.messages.join('')).not.toContain('reconnect');
  });
});
