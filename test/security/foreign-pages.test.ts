import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSocket } from '../support/client/test-socket.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';

const EVIL = 'https://evil.example';
let edge: ServerEdge;
let cookie: string;
let id: string;

beforeAll(async () => {
  edge = await ServerEdge.start();
  id = edge.launches.add().id;
  const body = JSON.stringify({ token: ADMIN_TOKEN });
  const signedIn = await fetch(`${edge.url}/session`, { method: 'POST', body });
  cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterAll(() => edge.close());

describe('a page of another site', () => {
  test.each([
    ['with the cookie of a signed-in console', (): Record<string, string> => ({ Cookie: cookie })],
    ['with a token that it stole', () => ({ 'X-Admin-Token': ADMIN_TOKEN })],
    ['that signs in with its first message', () => ({})],
  ])('opens no WebSocket %s', async (_how, headers) => {
    for (const origin of [
      EVIL,
      'null',
      `${edge.url}.evil.example`,
      edge.url.replace('127.0.0.1', '127.0.0.1.evil.example'),
      '',
    ]) {
      const status = await TestSocket.upgrade(`${edge.url}`, { headers: { ...headers(), Origin: origin } });
      expect(status, origin).toBeGreaterThanOrEqual(401);
      expect(status, origin).toBeLessThanOrEqual(403);
    }
  });

  test('changes nothing with the cookie, neither as a form nor as JSON, over REST and tRPC', async () => {
    const bodies = [
      ['application/x-www-form-urlencoded', 'a=b'],
      ['text/plain', '{"a":1}'],
      ['multipart/form-data; boundary=x', '--x--'],
      ['application/json', '{}'],
    ] as const;
    for (const path of [
      `/admin/nodes/${id}/terminate`,
      '/admin/tokens',
      '/trpc/nodes.terminate',
      '/trpc/tokens.create',
    ]) {
      for (const [type, body] of bodies) {
        const headers = { Cookie: cookie, Origin: EVIL, 'Content-Type': type };
        const answer = await fetch(edge.url + path, { method: 'POST', headers, body });
        expect(`${path} ${type} ${answer.status}`).toBe(`${path} ${type} 403`);
      }
    }
    expect(edge.access.tokenStore.rows.size).toBe(0);
  });

  test('reads no response, and its preflight is refused', async () => {
    for (const path of ['/admin/nodes', '/trpc/nodes.list', '/session', '/openapi.json']) {
      const answer = await fetch(edge.url + path, { headers: { Cookie: cookie, Origin: EVIL } });
      expect(answer.headers.get('access-control-allow-origin'), path).toBeNull();
      const preflight = await fetch(edge.url + path, {
        method: 'OPTIONS',
        headers: {
          Origin: EVIL,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'x-admin-token',
        },
      });
      expect(preflight.headers.get('access-control-allow-origin'), path).toBeNull();
      expect(preflight.headers.get('access-control-allow-credentials'), path).toBeNull();
    }
  });

  test('may not frame ours, and learns no URL of it', async () => {
    const answer = await fetch(edge.url);
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});
