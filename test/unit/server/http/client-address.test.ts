import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ClientAddress } from '@launchlog/server/http/client-address';

function request(remoteAddress: string, forwarded?: string | Record<string, string>): IncomingMessage {
  const headers = typeof forwarded === 'string' ? { 'x-forwarded-for': forwarded } : { ...forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

test.each([
  ['nobody is trusted', [], '10.0.0.9', '1.2.3.4', '10.0.0.9'],
  ['the peer is no proxy of ours', ['10.0.0.0/8'], '192.0.2.1', '1.2.3.4', '192.0.2.1'],
  ['the peer is a proxy of ours', ['10.0.0.0/8'], '10.0.0.9', '1.2.3.4', '1.2.3.4'],
  ['the client forged the beginning', ['10.0.0.0/8'], '10.0.0.9', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
  ['there are two proxies of ours', ['10.0.0.0/8'], '10.0.0.9', '6.6.6.6, 1.2.3.4, 10.0.0.7', '1.2.3.4'],
  ['the header is no address', ['10.0.0.0/8'], '10.0.0.9', 'unknown', '10.0.0.9'],
  ['there is no header', ['10.0.0.0/8'], '10.0.0.9', undefined, '10.0.0.9'],
  ['the peer is an IPv4 address in IPv6', ['127.0.0.1'], '::ffff:127.0.0.1', '2001:db8::1', '2001:db8::1'],
])('the client is found where %s', (_, trusted, peer, forwarded, client) => {
  expect(new ClientAddress(trusted).of(request(peer, forwarded))).toBe(client);
});

test('refuses to trust anything that is not an address', () => {
  for (const entry of ['proxy.local', '10.0.0.0/33', '10.0.0.0/x']) {
    expect(() => new ClientAddress([entry])).toThrow(
      `TRUSTED_PROXIES: '${entry}' is no address and no network`,
    );
  }
});

test.each([
  ['an IPv4 address with a port', '203.0.113.7:51234', '203.0.113.7'],
  ['an IPv6 address with a port (Azure)', '[2001:db8::7]:51234', '2001:db8::7'],
  ['an IPv6 address in brackets', '[2001:db8::7]', '2001:db8::7'],
  ['an IPv4 address in IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
  ['what the client sent before it', 'spoofed:1, 203.0.113.7:1, 10.0.0.7:9', '203.0.113.7'],
  ['no port, only its colon', '203.0.113.7:', '10.0.0.9'],
  ['nothing', '', '10.0.0.9'],
])('a trusted proxy may write %s', (_, forwarded, client) => {
  expect(new ClientAddress(['10.0.0.0/8']).of(request('10.0.0.9', forwarded))).toBe(client);
});

test.each([
  ['for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
  ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
  ['for="203.0.113.7:80";host="a;b, c", for=10.0.0.7', '203.0.113.7'],
  ['for=6.6.6.6, for=203.0.113.7 , for="10.0.0.7:1"', '203.0.113.7'],
  ['for=_hidden', '10.0.0.9'],
  ['for=unknown', '10.0.0.9'],
  ['for="203.0.113.7', '10.0.0.9'],
  ['for 203.0.113.7', '10.0.0.9'],
  ['for=203.0.113.7|for=6.6.6.6', '10.0.0.9'],
  ['for="203.0.113.7"xfor=6.6.6.6', '10.0.0.9'],
  [`${'for=6.6.6.6, '.repeat(30)}for=203.0.113.7`, '203.0.113.7'],
])('a trusted proxy may write Forwarded: %s', (forwarded, client) => {
  expect(new ClientAddress(['10.0.0.0/8']).of(request('10.0.0.9', { forwarded }))).toBe(client);
});

test('what a proxy that is not trusted forwards is removed', () => {
  const headers = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'evil',
    forwarded: 'for=1.2.3.4',
    host: 'x',
  };
  const foreign = request('192.0.2.1', headers);
  expect(new ClientAddress(['10.0.0.0/8']).of(foreign)).toBe('192.0.2.1');
  expect(foreign.headers).toEqual({ host: 'x' });
  const own = request('10.0.0.9', headers);
  new ClientAddress(['10.0.0.0/8']).of(own);
  expect(own.headers).toEqual(headers);
});

test.each([
  [['10.0.0.0/8'], '10.0.0.9', true],
  [['10.0.0.0/8'], '::ffff:10.0.0.9', true],
  [['10.0.0.0/8'], '192.0.2.1', false],
  [['10.0.0.0/8'], 'unknown', false],
  [[], '10.0.0.9', false],
])('of the proxies %j %s is one: %s', (trusted, peer, isOne) => {
  expect(new ClientAddress(trusted).trusts(peer)).toBe(isOne);
});

test.each([
  ['once', ['X-User', 'ada', 'X-Other', 'eve'], true],
  ['twice, the same', ['X-User', 'ada', 'x-user', 'ada'], true],
  ['twice, another', ['X-User', 'eve', 'X-USER', 'ada'], false],
])('whom a trusted proxy names %s is believed: %s', (_, rawHeaders, isBelieved) => {
  const own = Object.assign(request('10.0.0.9', { 'x-user': 'ada' }), { rawHeaders });
  new ClientAddress(['10.0.0.0/8'], ['x-user']).of(own);
  expect(own.headers['x-user']).toBe(isBelieved ? 'ada' : undefined);
});
