import { expect, test } from 'vitest';
import { PublicAddress } from '@launchlog/server/edge/public-address';

test.each([
  ['https://x.example/launchlog/', '/launchlog/admin/nodes?q=1', '/admin/nodes?q=1'],
  ['https://x.example/launchlog', '/launchlog/', '/'],
  ['https://x.example/launchlog', '/launchlog', '/'],
  ['https://x.example/launchlog', '/launchlog?x=1', '/?x=1'],
  ['https://x.example/launchlog', '/admin/nodes', '/admin/nodes'],
  ['https://x.example/launchlog', '/launchlogs/x', '/launchlogs/x'],
  ['https://x.example/a/b//', '/a/b/trpc', '/trpc'],
  ['https://x.example/', '/launchlog/x', '/launchlog/x'],
  [undefined, '//x', '//x'],
])('below %j, %j is %j', (publicUrl, requested, own) => {
  expect(new PublicAddress(publicUrl).withoutPath(requested)).toBe(own);
});

test('names what is on the server by the path that clients use', () => {
  const address = new PublicAddress('https://x.example/launchlog/?a=1#b');
  expect(address.withPath('/admin/nodes/1')).toBe('/launchlog/admin/nodes/1');
  expect(address.url).toBe('https://x.example/launchlog');
  expect(new PublicAddress().withPath('/admin')).toBe('/admin');
  expect(new PublicAddress().url).toBeUndefined();
});
