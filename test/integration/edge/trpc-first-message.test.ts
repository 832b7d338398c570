import { afterEach, describe, expect, test } from 'vitest';
import { codeOf, OpenedSockets } from '../../support/client/opened-sockets.js';
import { stockSocketClient } from '../../support/client/server-trpc-client.js';
import { ADMIN_TOKEN } from '../../support/server/server-edge.js';
import { within } from '../../support/within.js';

const GREETING = JSON.stringify({ method: 'connectionParams', data: { token: ADMIN_TOKEN } });
const LIST = JSON.stringify({ id: 1, method: 'query', params: { path: 'nodes.list' } });
const opened = new OpenedSockets();
const { start, connect, open } = opened;

afterEach(() => opened.close());

describe('a client that proves itself with its first message', () => {
  test('is served from then on, with what it sent at once behind it', async () => {
    const edge = await start();
    const { socket, messages } = await connect(edge, '/trpc?connectionParams=1');
    socket.send(GREETING);
    socket.send(LIST);
    await expect.poll(() => messages.length).toBe(1);
    expect(messages[0]).toContain('"nodes":[]');
  });

  test.each([
    JSON.stringify({ method: 'connectionParams', data: { token: 'wrong' } }),
    JSON.stringify({ method: 'connectionParams', data: {} }),
    LIST,
    'PING',
    '{',
  ])('gets the reason and is closed after %j', async (first) => {
    const edge = await start();
    const { socket, messages, closed } = await connect(edge, '/trpc?connectionParams=1');
    socket.send(first);
    expect(await closed).toBe(4401);
    expect(codeOf(messages[0])).toMatch(/^(invalid|missing)_admin_token$/);
    expect(JSON.parse(messages[0] ?? '')).toMatchObject({ id: null });
  });

  test('with a stale token waits ever longer, answers pings meanwhile, and locks out nobody', async () => {
    const edge = await start();
    const startMs = performance.now();
    // As stock clients up to 11.8 do, which connect again at once.
    const client = stockSocketClient({ url: edge.url, token: 'stale', retryDelayMs: () => 0 });
    open.push(client);
    const { socket, messages, closed } = await connect(edge, '/trpc?connectionParams=1');
    socket.send(JSON.stringify({ method: 'connectionParams', data: { token: 'other' } }));
    socket.send(LIST);
    socket.send('PING');
    expect(await closed).toBe(4401);
    expect(messages.filter((text) => text === 'PONG')).toHaveLength(1);
    expect(messages.filter((text) => text !== 'PONG').map(codeOf)).toEqual(['invalid_admin_token']);
    await expect.poll(() => client.sockets.length).toBe(4);
    // 1, 2 and 4 s lie between four sockets; the server's timers may be a little early.
    expect(performance.now() - startMs).toBeGreaterThan(6_500);
    const served = await connect(edge, '/trpc?connectionParams=1');
    served.socket.send(GREETING);
    served.socket.send(LIST);
    await expect.poll(() => served.messages[0]).toContain('"nodes":[]');
    for (let tries = 0; tries < 30; tries += 1) {
      const headers = { 'X-Admin-Token': 'stale' };
      expect((await fetch(`${edge.url}/admin/nodes`, { headers })).status).toBe(401);
    }
  });

  test('hundreds of them with stale tokens keep no place of those that sign in', async () => {
    const edge = await start();
    const stale = JSON.stringify({ method: 'connectionParams', data: { token: 'stale' } });
    const many = await Promise.all(
      Array.from({ length: 90 }, () => connect(edge, '/trpc?connectionParams=1')),
    );
    for (const { socket } of many) socket.send(stale);
    const more = await Promise.all(
      Array.from({ length: 90 }, () => connect(edge, '/trpc?connectionParams=1')),
    );
    for (const { socket } of more) socket.send(stale);
    const served = await connect(edge, '/trpc?connectionParams=1');
    served.socket.send(GREETING);
    served.socket.send(LIST);
    await expect.poll(() => served.messages[0]).toContain('"nodes":[]');
  });

  test('has 5 s for it, whatever pings it answers meanwhile', async () => {
    const edge = await start({ heartbeatMs: 500 });
    const startMs = performance.now();
    const { closed, messages } = await connect(edge, '/trpc?connectionParams=1');
    expect(await within('the close', closed, 30_000)).toBe(4401);
    expect(performance.now() - startMs).toBeGreaterThan(4_500);
    expect(codeOf(messages[0])).toBe('missing_admin_token');
  });

  test('has 4 KB for it: a longer one is cut off before it has arrived', async () => {
    const edge = await start();
    const { socket, closed } = await connect(edge, '/trpc?connectionParams=1');
    socket.send(JSON.stringify({ method: 'connectionParams', data: { token: 'x'.repeat(200_000) } }));
    expect(await closed).toBe(1006);
    const barely = await connect(edge, '/trpc?connectionParams=1');
    barely.socket.send(JSON.stringify({ method: 'connectionParams', data: { token: 'x'.repeat(4_090) } }));
    expect([1006, 4401]).toContain(await barely.closed);
  });
});
