import { describe, expect, test } from 'vitest';
import type { ResolvedAddress } from '@launchlog/server/notification/host-resolver';
import { OutboundGuard, OutboundRefusedError } from '@launchlog/server/notification/outbound-guard';

const signal = new AbortController().signal;

function guardOf(addresses: readonly string[] = ['8.8.8.8'], allowedHosts: readonly string[] = []) {
  const asked: { hostname: string; trusted: boolean }[] = [];
  const resolver = {
    resolve: (hostname: string, { trusted }: { trusted: boolean }): Promise<readonly ResolvedAddress[]> => {
      asked.push({ hostname, trusted });
      return Promise.resolve(
        addresses.map((address) => ({
          address,
          family: address.includes(':') ? (6 as const) : (4 as const),
        })),
      );
    },
  };
  return { guard: new OutboundGuard({ allowedHosts, resolver }), asked };
}

describe('the outbound guard', () => {
  test.each([
    'http://hooks.example.com/x',
    'ftp://hooks.example.com/x',
    'file:///etc/passwd',
    'https://user@hooks.example.com/x',
    'https://user:password@hooks.example.com/x',
    'https://:password@hooks.example.com/x',
    'http://hooks.example.com:443/x',
    'https://hooks.example.com:22/x',
    'https://hooks.example.com:6379/x',
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://0x7f.1/x',
    'https://2130706433/x',
    'https://0177.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[64:ff9b::7f00:1]/x',
    'https://169.254.169.254/latest/meta-data',
    'https://１２７.0.0.1/x',
    'not a url',
  ])('refuses %s before asking any name server', async (url) => {
    const { guard, asked } = guardOf();
    expect(() => guard.inspect(url)).toThrow(OutboundRefusedError);
    await expect(guard.resolve(url, signal)).rejects.toThrow(OutboundRefusedError);
    expect(asked).toEqual([]);
  });

  test('calls a host that the operator names by http and https alone, and without a password', () => {
    const { guard } = guardOf([], ['hooks.internal']);
    expect(guard.inspect('http://hooks.internal:8080/x').port).toBe('8080');
    for (const url of ['ftp://hooks.internal/x', 'file://hooks.internal/x', 'https://:p@hooks.internal/x']) {
      expect(() => guard.inspect(url)).toThrow(OutboundRefusedError);
    }
  });

  test('lets https through to public addresses and pins every one of them', async () => {
    const { guard, asked } = guardOf(['8.8.8.8', '2606:4700:4700::1111']);
    const destination = await guard.resolve('https://Hooks.Example.com/path?x=1', signal);
    expect(destination.url.hostname).toBe('hooks.example.com');
    expect(destination.addresses).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700:4700::1111', family: 6 },
    ]);
    expect(asked).toEqual([{ hostname: 'hooks.example.com', trusted: false }]);
  });

  test('lets a public address through as it stands, without a name server', async () => {
    const { guard, asked } = guardOf();
    expect((await guard.resolve('https://8.8.4.4:8443/x', signal)).addresses).toEqual([
      { address: '8.8.4.4', family: 4 },
    ]);
    expect(asked).toEqual([]);
  });

  test.each([[['10.0.0.1']], [['8.8.8.8', '127.0.0.1']], [['8.8.8.8', '::1']], [['::ffff:10.0.0.1']]])(
    'refuses a name that leads to %s',
    async (addresses) => {
      const { guard } = guardOf(addresses);
      await expect(guard.resolve('https://hooks.example.com/x', signal)).rejects.toThrow(
        'must not lead to a private, local or reserved address',
      );
    },
  );

  test('takes a name without addresses for a passing failure, not for an offence', async () => {
    const { guard } = guardOf([]);
    const failure = guard.resolve('https://hooks.example.com/x', signal);
    await expect(failure).rejects.toThrow('hooks.example.com has no address');
    await expect(failure).rejects.not.toBeInstanceOf(OutboundRefusedError);
  });

  test('trusts a listed host with http, any port and any address, and no other port or host', async () => {
    const { guard, asked } = guardOf(['10.0.0.1'], ['Inner.Example:9000', '127.0.0.1', '[::1]:81']);
    expect((await guard.resolve('http://inner.example:9000/x', signal)).addresses).toEqual([
      { address: '10.0.0.1', family: 4 },
    ]);
    expect(asked).toEqual([{ hostname: 'inner.example', trusted: true }]);
    expect(guard.inspect('http://127.0.0.1:1234/x').port).toBe('1234');
    expect(guard.inspect('http://[::1]:81/x').port).toBe('81');
    for (const url of ['http://inner.example:9001/x', 'http://[::1]/x', 'http://inner.example.evil:9000/x']) {
      expect(() => guard.inspect(url)).toThrow(OutboundRefusedError);
    }
    await expect(guard.resolve('https://inner.example/x', signal)).rejects.toThrow(OutboundRefusedError);
  });

  test('takes the default port of a scheme for the one an operator lists', () => {
    const { guard } = guardOf([], ['inner.example:80']);
    expect(guard.inspect('http://inner.example/x').host).toBe('inner.example');
  });

  test('refuses a user name for a trusted host, too', () => {
    const { guard } = guardOf([], ['127.0.0.1']);
    expect(() => guard.inspect('http://user@127.0.0.1/x')).toThrow('must not hold a user name or a password');
  });
});
