import { describe, expect, test } from 'vitest';
import { clientSettings } from '@launchlog/sdk/client-options';

describe('the address of the server', () => {
  test.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/trpc', 'ws://127.0.0.1:8080/trpc'],
    ['https://example.com/', 'https://example.com/trpc', 'wss://example.com/trpc'],
    [
      'https://example.com/launchlog/',
      'https://example.com/launchlog/trpc',
      'wss://example.com/launchlog/trpc',
    ],
    ['https://example.com/x?y=1#z', 'https://example.com/x/trpc', 'wss://example.com/x/trpc'],
  ])('%s serves calls at %s and streams at %s', (url, httpUrl, webSocketUrl) => {
    expect(clientSettings({ url })).toMatchObject({ httpUrl, webSocketUrl });
  });

  test.each(['', 'localhost:8080', 'ftp://example.com', '/trpc'])('%j is refused with a TypeError', (url) => {
    expect(() => clientSettings({ url })).toThrow(TypeError);
  });
});
