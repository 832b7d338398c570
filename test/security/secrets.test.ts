import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSocket } from '../support/client/test-socket.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { codeOf, readSourceTexts } from '../support/source/source-tree.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const lines: string[] = [];
let edge: ServerEdge;
beforeAll(async () => {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  edge = await ServerEdge.start({ logger: pino({ level: 'trace' }, sink) });
});
afterAll(() => edge.close());

describe('a token', () => {
  test('is ignored in a URL, under every name and on every transport', async () => {
    for (const name of [
      'token',
      'admin_token',
      'access_token',
      'X-Admin-Token',
      'authorization',
      'key',
      'ticket',
    ]) {
      const query = `${name}=${encodeURIComponent(ADMIN_TOKEN)}`;
      const { path } = await edge.nodeWithLog(1);
      for (const url of ['/admin/nodes', path, '/admin/logs/stream', '/trpc/nodes.list']) {
        expect((await fetch(`${edge.url}${url}?${query}`)).status, `${url} ${name}`).toBe(401);
      }
      expect(await TestSocket.upgrade(`${edge.url}/trpc?${query}&x=`)).toBe(401);
    }
  });

  test('is in no line of the server log, right or wrong, in a header, a URL or a body; nor is a ticket', async () => {
    const { token } = await edge.access.tokens.create(ADMIN, { name: 'logged', scopes: ['read'] });
    const { node, path } = await edge.nodeWithLog(1);
    const answer = await edge.fetch(`/admin/nodes/${node.id}/logs/ticket`, { method: 'POST' });
    const { ticket } = (await answer.json()) as { ticket: string };
    const wrong = 'a-wrong-token-that-somebody-mistyped';
    await fetch(`${edge.url}/admin/nodes`, { headers: { Authorization: `Bearer ${token}` } });
    await fetch(`${edge.url}/admin/nodes`, { headers: { 'X-Admin-Token': wrong } });
    await fetch(`${edge.url}/admin/nodes?token=${token}`);
    await fetch(`${edge.url}/trpc/nodes.list?token=${token}`);
    await (await fetch(`${edge.url}${path}?follow=false&ticket=${ticket}`)).text();
    await fetch(`${edge.url}/session`, { method: 'POST', body: JSON.stringify({ token: wrong }) });
    await fetch(`${edge.url}/session`, { method: 'POST', body: `{"token":"${token}"` });
    await TestSocket.upgrade(edge.url, { headers: { 'X-Admin-Token': wrong } });
    const log = lines.join('');
    expect(lines.length).toBeGreaterThan(5);
    for (const secret of [ADMIN_TOKEN, token, wrong, ticket]) expect(log).not.toContain(secret);
  });

  test('is compared by one function in constant time', () => {
    const auth = readSourceTexts().filter(({ path }) => path.startsWith('server/src/auth/'));
    const comparing = auth.filter((file) => /\btimingSafeEqual\(/.test(codeOf(file))).map(({ path }) => path);
    expect(comparing.toSorted()).toEqual([
      'server/src/auth/claim-signer.ts',
      'server/src/auth/secret-comparison.ts',
    ]);
    const verifier = auth.find(({ path }) => path.endsWith('/admin-token-verifier.ts'));
    expect(verifier && codeOf(verifier)).toContain('isSameSecret(token, this.#token)');
    const naked = auth.filter((file) =>
      /\b(?:token|secret|seal|hash|password)\b\s*[!=]==\s*(?!undefined)[\w.#]+/i.test(codeOf(file)),
    );
    expect(naked.map(({ path }) => path)).toEqual([]);
    const comparison = auth.find(({ path }) => path.endsWith('/secret-comparison.ts'));
    expect(comparison && codeOf(comparison)).toMatch(
      /timingSafeEqual\(digest\(given\), digest\(expected\)\)/,
    );
  });
});

describe('an internal error', () => {
  test('gives the caller a request id and no details', async () => {
    const get = edge.launches.get.bind(edge.launches);
    const list = edge.launches.list.bind(edge.launches);
    const broken = () =>
      Promise.reject(new Error('connect ECONNREFUSED postgres://launchlog:hunter2@10.0.0.5/db'));
    Object.assign(edge.launches, { get: broken, list: broken });
    try {
      const socket = await TestSocket.open(edge.url, { 'X-Admin-Token': ADMIN_TOKEN });
      socket.send({ id: 1, method: 'query', params: { path: 'nodes.list' } });
      const answers = [
        await socket.refusalOf(1),
        await (await edge.fetch('/admin/nodes')).text(),
        await (await edge.fetch('/admin/nodes/x/logs/stream')).text(),
        await (await edge.fetch('/trpc/nodes.list')).text(),
      ];
      socket.close();
      for (const answer of answers) {
        expect(answer).toContain('internal error');
        expect(answer).not.toMatch(/hunter2|ECONNREFUSED|10\.0\.0\.5|\bat \/|node_modules|\.ts:|stack/);
      }
    } finally {
      Object.assign(edge.launches, { get, list });
    }
  });
});
