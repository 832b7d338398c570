import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { OutboundClient } from '@launchlog/server/notification/outbound-client';
import { OutboundRefusedError } from '@launchlog/server/notification/outbound-guard';
import type { OutboundGuard } from '@launchlog/server/notification/outbound-guard';
import { OutboundHttp } from '@launchlog/server/outbound/outbound-http';

const POST = { url: 'https://hooks.example/x', headers: {}, body: '{}' };

/** A client whose guard resolves as the test says, with a proxy or without. */
function client(resolve: () => Promise<unknown>, isProxied: boolean): OutboundClient {
  const guard = { inspect: (url: string) => new URL(url), resolve } as unknown as OutboundGuard;
  const outbound = { agentFor: () => (isProxied ? {} : undefined) } as unknown as OutboundHttp;
  return new OutboundClient(guard, outbound);
}

test.each([
  ['without a proxy as it failed', false, new Error('no such host'), 'no such host'],
  ['behind a proxy with the remedy', true, new Error('no such host'), 'NOTIFICATION_ALLOWED_HOSTS'],
  [
    'as a refusal, whatever is in between',
    true,
    new OutboundRefusedError('a private address'),
    'a private address',
  ],
])('a name that does not resolve is reported %s', async (_, isProxied, failure, message) => {
  const post = client(() => Promise.reject(failure), isProxied).post(POST, new AbortController().signal);
  await expect(post).rejects.toThrow(message);
});

test('a call that ends while its name is looked up ends as it was ended, and calls nobody', async () => {
  const ending = new AbortController();
  const reason = new Error('too late');
  const failing = client(() => {
    ending.abort(reason);
    return Promise.reject(new Error('no such host'));
  }, true);
  await expect(failing.post(POST, ending.signal)).rejects.toThrow('no such host');
  const found = client(() => Promise.resolve({ url: new URL('http://127.0.0.1:9/'), addresses: [] }), false);
  await expect(found.post(POST, ending.signal)).rejects.toBe(reason);
});

test.each([
  ['for a name without a remedy', [], 'the proxy answers 403'],
  [
    'for an address with the hosts that it may name',
    [{ address: '203.0.113.1', family: 4 }],
    'the proxy answers 403; it is asked for addresses, and for names only of hosts in NOTIFICATION_ALLOWED_HOSTS',
  ],
])('the refusal of a proxy is reported %s', async (_, addresses, message) => {
  const proxy = createServer().on('connect', (_request, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  try {
    const url = new URL(POST.url);
    const guard = { inspect: () => url, resolve: () => Promise.resolve({ url, addresses }) };
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const outbound = new OutboundHttp({ http: address, https: address, except: 'direct.example' });
    expect(outbound.agentFor('https://direct.example/')).toBeUndefined();
    const refused = new OutboundClient(guard as unknown as OutboundGuard, outbound);
    await expect(refused.post(POST, new AbortController().signal)).rejects.toMatchObject({ message });
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});
