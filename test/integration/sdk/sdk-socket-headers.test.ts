import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { createLaunchlogClient } from '@launchlog/sdk';
import { eventually } from '../../support/within.js';

let server: WebSocketServer;
let url: string;
const seen: IncomingHttpHeaders[] = [];

beforeEach(async () => {
  seen.length = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (_, request) => seen.push(request.headers));
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  vi.unstubAllGlobals();
  for (const client of server.clients) client.terminate();
  server.close();
});

const follow = async (client: ReturnType<typeof createLaunchlogClient>, signal: AbortSignal) => {
  for await (const event of client.watchNodes({ signal })) expect(event).toBeUndefined();
};

test.each([
  ['an object', { 'X-Gateway-Key': 'secret' }],
  ['a function', () => Promise.resolve({ 'X-Gateway-Key': 'secret' })],
])('the headers of the client, as %s, are sent with its WebSocket', async (_, headers) => {
  await using client = createLaunchlogClient({ url, headers });
  const ending = new AbortController();
  const following = follow(client, ending.signal);
  await eventually('a connection', () => seen.length > 0);
  expect(seen[0]).toMatchObject({ 'x-gateway-key': 'secret' });
  ending.abort();
  await following;
});

test('a browser, whose WebSocket can send none, fails at once and names the option', async () => {
  vi.stubGlobal('document', {});
  await using client = createLaunchlogClient({ url, headers: { 'X-Gateway-Key': 'secret' } });
  const following = follow(client, new AbortController().signal);
  await expect(following).rejects.toThrow(
    "the option 'headers' cannot be sent by the WebSocket of a browser",
  );
  expect(seen).toEqual([]);
});
