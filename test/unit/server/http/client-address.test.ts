import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { ClientAddress } from '@launchlog/server/http/client-address';

function request(remoteAddress: string, forwarded?: string): IncomingMessage {
  return {
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as unknown as IncomingMessage;
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
])('the client is told right where %s', (_, trusted, peer, forwarded, client) => {
  expect(new ClientAddress(trusted).of(request(peer, forwarded))).toBe(client);
});

test('refuses to trust anything that is not an address', () => {
  for (const entry of ['proxy.local', '10.0.0.0/33', '10.0.0.0/x']) {
    expect(() => new ClientAddress([entry])).toThrow(
      `TRUSTED_PROXIES: '${entry}' is no address and no network`,
    );
  }
});
