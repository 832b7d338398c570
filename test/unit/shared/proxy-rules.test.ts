import { describe, expect, it } from 'vitest';
import { ProxyRules } from '@launchlog/shared/proxy-rules';

const FAR = 'http://proxy.example.com:3128';
const rules = (except: string, proxy = FAR) => new ProxyRules({ http: undefined, https: proxy, except });
const isProxied = (except: string, url: string) => rules(except).proxyFor(new URL(url)) !== undefined;

describe('the rules of proxies', () => {
  it('go by the scheme of the address', () => {
    const both = new ProxyRules({ http: 'http://one:1', https: 'http://two:2', except: '' });
    expect(both.proxyFor(new URL('http://a.test'))?.href).toBe('http://one:1/');
    expect(both.proxyFor(new URL('https://a.test'))?.href).toBe('http://two:2/');
    expect(rules('').proxyFor(new URL('http://a.test'))).toBeUndefined();
  });

  it.each([
    ['a.test', 'https://a.test/x'],
    ['a.test', 'https://deep.in.a.test'],
    ['.a.test', 'https://in.a.test'],
    ['*.a.test', 'https://in.a.test'],
    ['A.Test.', 'https://a.test'],
    ['b.test, a.test', 'https://a.test'],
    ['b.test a.test', 'https://a.test'],
    ['a.test:8443', 'https://a.test:8443'],
    ['a.test:443', 'https://a.test'],
    ['*', 'https://anything.test'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://10.200.0.1:8443'],
    ['10.1.2.3:8443', 'https://10.1.2.3:8443'],
    ['fd00::/8', 'https://[fd12::1]'],
    ['2001:db8::1', 'https://[2001:db8:0:0::1]'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['0.0.0.0/0', 'https://8.8.8.8'],
  ])('leave out %s: %s', (except, url) => expect(isProxied(except, url)).toBe(false));

  it.each([
    ['', 'https://a.test'],
    ['a.test', 'https://nota.test'],
    ['a.test', 'https://a.test.evil.test'],
    ['a.test:8443', 'https://a.test'],
    ['10.0.0.0/8', 'https://11.0.0.1'],
    ['10.0.0.0/8', 'https://10.example.com'],
    ['10.0.0.0/99', 'https://10.0.0.1'],
    ['fd00::/8', 'https://10.0.0.1'],
    ['300.1.1.1', 'https://1.1.1.1'],
    ['[nonsense', 'https://a.test'],
  ])('do not take %s for %s', (except, url) => expect(isProxied(except, url)).toBe(true));

  it.each(['https://127.0.0.1:9', 'https://localhost', 'https://deep.localhost', 'https://[::1]'])(
    'call this machine itself directly (%s), unless the proxy runs on it',
    (url) => {
      expect(isProxied('', url)).toBe(false);
      expect(rules('', 'http://127.0.0.1:3128').proxyFor(new URL(url))).toBeDefined();
      expect(
        rules('localhost,127.0.0.0/8,::1', 'http://127.0.0.1:3128').proxyFor(new URL(url)),
      ).toBeUndefined();
    },
  );
});
