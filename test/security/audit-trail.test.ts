import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pino } from 'pino';
import { AuditLog } from '@launchlog/server/audit/audit-log';
import { systemClock } from '@launchlog/server/clock';
import type { NotificationService } from '@launchlog/server/notification/notification-service';
import { FakeClock } from '../support/fake/fake-clock.js';
import { MemoryAuditStore } from '../support/fake/memory-audit-store.js';
import { ADMIN_TOKEN, ServerEdge } from '../support/server/server-edge.js';
import { TestSocket } from '../support/client/test-socket.js';
import { within } from '../support/within.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const RULE = '550e8400-e29b-41d4-a716-446655440000';
const SECRET = 'hf_thisMustNotBeInTheTrail000000000';
const notifications = {
  createRule: () => Promise.resolve({ rule: { id: RULE }, secret: SECRET }),
  removeRule: () => Promise.resolve(),
  resend: () => Promise.resolve({ id: RULE }),
} as unknown as NotificationService;

let edge: ServerEdge;
beforeEach(async () => void (edge = await ServerEdge.start({ notifications })));
afterEach(() => edge.close());

const trail = () =>
  edge.access.auditStore.entries.map(({ action, outcome, actor, target, code }) => ({
    action,
    outcome,
    actor,
    target,
    code,
  }));
const post = (path: string, body: object = {}) =>
  edge.fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const LAUNCH = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  model: 'gpt2',
  secrets: { HF_TOKEN: SECRET },
};

describe('the audit trail', () => {
  test('records who did what to what, from where, and the outcome', async () => {
    const launched = (await (await post('/admin/nodes/launch', LAUNCH)).json()) as { node_id: string };
    const id = launched.node_id;
    await post(`/admin/nodes/${id}/cancel`);
    await post(`/admin/nodes/${id}/terminate`);
    await post(`/admin/nodes/${id}/retry`);
    await (await edge.fetch(`/admin/nodes/${id}/logs/export?format=csv`)).text();
    await post('/admin/nodes/nothing/cancel');
    const ok = { outcome: 'ok', actor: 'admin', code: undefined };
    expect(trail()).toEqual([
      { action: 'node.launch', target: id, ...ok },
      { action: 'node.cancel', target: id, ...ok },
      { action: 'node.terminate', target: id, ...ok },
      { action: 'node.retry', target: id, ...ok },
      { action: 'log.export', target: id, ...ok },
      {
        action: 'node.cancel',
        target: undefined,
        outcome: 'refused',
        actor: 'admin',
        code: 'node_not_found',
      },
    ]);
    expect(edge.access.auditStore.entries.every(({ address }) => address === '127.0.0.1')).toBe(true);
  });

  test('holds every download of a log, also one by Accept, and no page that was only viewed', async () => {
    const { id } = edge.launches.add();
    const accept = (type: string) => edge.fetch(`/admin/nodes/${id}/logs`, { headers: { Accept: type } });
    for (const type of ['text/csv', 'application/x-ndjson', 'text/plain']) {
      expect((await accept(type)).headers.get('content-type')).toContain(type);
    }
    await accept('application/json');
    await accept('*/*');
    await edge.fetch(`/admin/nodes/${id}/logs?regex=(`, { headers: { Accept: 'text/csv' } });
    const file = { action: 'log.export', target: id, actor: 'admin' };
    const ok = { ...file, outcome: 'ok', code: undefined };
    expect(trail()).toEqual([ok, ok, ok, { ...file, outcome: 'refused', code: 'invalid_request' }]);
  });

  test('holds no HEAD request for a file', async () => {
    const { id } = edge.launches.add();
    const head = async (path: string, headers = {}) =>
      (await edge.fetch(`/admin/nodes/${id}${path}`, { method: 'HEAD', headers })).status;
    expect(await head('/logs/export?format=csv')).toBe(200);
    expect(await head('/logs', { Accept: 'text/csv' })).toBe(200);
    expect(trail()).toEqual([]);
  });

  test('holds attempts that the scopes of a token do not allow, on every transport, and counts those that are repeated', async () => {
    const { accessToken, token } = await edge.access.tokens.create(ADMIN, { name: 'l', scopes: ['launch'] });
    const { id } = edge.launches.add();
    const headers = { 'X-Admin-Token': token };
    edge.access.auditStore.entries.length = 0;
    for (const path of [
      '/admin/audit',
      '/admin/audit',
      `/admin/nodes/${id}/logs/stream`,
      '/admin/logs/stream',
      `/admin/nodes/${id}/logs/export`,
      '/trpc/tokens.list',
    ]) {
      expect((await edge.fetch(path, { headers })).status, path).toBe(403);
    }
    const socket = await TestSocket.open(edge.url, headers);
    const input = { json: { nodeId: id } };
    socket.send({ id: 1, method: 'subscription', params: { path: 'nodes.logsStream', input } });
    expect(await socket.refusalOf(1)).toContain('forbidden');
    socket.close();
    const refused = { action: 'scope.refused', outcome: 'refused', actor: 'l', code: 'forbidden' };
    await expect.poll(() => trail().length).toBe(6);
    expect(trail()).toEqual(
      [
        'GET /admin/audit',
        'GET /admin/nodes/{id}/logs/stream',
        'GET /admin/logs/stream',
        'GET /admin/nodes/{id}/logs/export',
        'tokens.list',
        'nodes.logsStream',
      ].map((target) => ({ ...refused, target })),
    );
    expect(edge.access.auditStore.entries.every(({ tokenId }) => tokenId === accessToken.id)).toBe(true);
    await expect.poll(() => edge.access.auditStore.entries[0]?.count).toBe(2);
  });

  test('also holds tokens, rules and sign-ins, over REST and tRPC alike', async () => {
    const { id, token } = (await (await post('/admin/tokens', { name: 'ci', scopes: ['read'] })).json()) as {
      id: string;
      token: string;
    };
    await post('/session', { token });
    await post('/session', { token: 'wrong' });
    await edge.fetch(`/admin/tokens/${id}`, { method: 'DELETE' });
    await edge.fetch(`/admin/notifications/rules/${RULE}`, { method: 'DELETE' });
    await post('/trpc/notifications.removeRule', { json: { id: RULE } });
    await post('/trpc/tokens.create', { json: { name: 'ci', scopes: ['read'] } });
    const tokenId = edge.access.auditStore.entries.find(
      ({ action }) => action === 'session.sign_in',
    )?.tokenId;
    expect(tokenId).toBe(id);
    expect(trail().map(({ action, outcome, actor }) => `${action} ${outcome} ${actor ?? 'nobody'}`)).toEqual([
      'token.create ok admin',
      'session.sign_in ok ci',
      'token.refused refused nobody',
      'token.revoke ok admin',
      'notification_rule.remove ok admin',
      'notification_rule.remove ok admin',
      'token.create refused admin',
    ]);
    expect(JSON.stringify(edge.access.auditStore.entries)).not.toContain(token);
  });

  test('never holds a secret, whatever was sent', async () => {
    await post('/admin/nodes/launch', LAUNCH);
    await post('/admin/nodes/launch', { ...LAUNCH, provider: SECRET });
    await post('/admin/notifications/rules', {
      name: 'x',
      target: { kind: 'webhook', url: `https://x/${SECRET}` },
    });
    await edge.fetch('/admin/nodes', { headers: { 'X-Admin-Token': SECRET } });
    const text = JSON.stringify(edge.access.auditStore.entries);
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(ADMIN_TOKEN);
  });

  test('names ids only, and the node that a cluster name means, whatever the caller typed', async () => {
    const node = edge.launches.add();
    await post(`/admin/nodes/${node.clusterName}/cancel`);
    await post(`/admin/nodes/${'x'.repeat(150)}/cancel`);
    await post('/admin/nodes/password%20hunter2/terminate');
    await post('/admin/nodes/%F0%9F%92%A9/retry');
    await post('/trpc/nodes.cancel', { json: { nodeId: 'hunter2' } });
    await edge.fetch('/admin/tokens/hunter2', { method: 'DELETE' });
    await edge.fetch('/admin/notifications/rules/hunter2', { method: 'DELETE' });
    expect(new Set(trail().map(({ target }) => target))).toEqual(new Set([node.id, undefined]));
    expect(trail().length).toBeGreaterThan(3);
  });

  test('takes one row, with their number and the last time, for the refused calls of a token', async () => {
    const { token } = await edge.access.tokens.create(ADMIN, { name: 'l', scopes: ['launch'] });
    edge.access.auditStore.entries.length = 0;
    const headers = { 'X-Admin-Token': token };
    const cancel = () => edge.fetch('/admin/nodes/nothing/cancel', { method: 'POST', headers });
    for (let calls = 0; calls < 1_000; calls += 20) await Promise.all(Array.from({ length: 20 }, cancel));
    const [entry] = edge.access.auditStore.entries;
    await expect.poll(() => edge.access.auditStore.entries[0]?.count).toBe(1_000);
    expect(edge.access.auditStore.entries).toHaveLength(1);
    expect(entry).toMatchObject({ actor: 'l', action: 'node.cancel', code: 'node_not_found' });
    const page = (await (await edge.fetch('/admin/audit')).json()) as { entries: { last_at?: string }[] };
    expect(Date.parse(page.entries[0]?.last_at ?? '')).toBeGreaterThanOrEqual(Date.parse(entry?.at ?? ''));
  });

  test('cannot be forged through what a client sends', async () => {
    const id = 'x%0d%0a{"action":"node.launch","actor":"somebody"}';
    await post(`/admin/nodes/${id}/cancel`);
    const [entry] = edge.access.auditStore.entries;
    expect(entry?.action).toBe('node.cancel');
    expect(entry?.actor).toBe('admin');
    expect(entry?.target).toBeUndefined();
    expect(edge.access.auditStore.entries).toHaveLength(1);
  });

  test('is read page by page by administrators over REST and tRPC', async () => {
    for (let number = 0; number < 3; number += 1) await post('/admin/nodes/launch', LAUNCH);
    const page = (await (await edge.fetch('/admin/audit?limit=2&action=node.launch')).json()) as {
      entries: object[];
    };
    expect(page.entries).toHaveLength(2);
    const procedure = await edge.fetch('/trpc/audit.list');
    expect(procedure.status).toBe(200);
    const { token } = await edge.access.tokens.create(ADMIN, { name: 'r', scopes: ['read'] });
    const refused = await fetch(`${edge.url}/admin/audit`, { headers: { 'X-Admin-Token': token } });
    expect(refused.status).toBe(403);
  });

  test('has no way to change or remove an entry', async () => {
    for (const method of ['POST', 'PATCH', 'DELETE', 'PUT']) {
      expect((await edge.fetch('/admin/audit', { method })).status).toBe(405);
    }
  });
});

describe('a trail that cannot be written', () => {
  test('stops nothing, and the whole entry is in the server log', async () => {
    const lines: string[] = [];
    const store = new MemoryAuditStore();
    store.failure = new Error('the disk is full');
    const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    const audit = new AuditLog({ store, clock: systemClock, logger });
    const by = { ...ADMIN, address: '192.0.2.1' };
    expect(
      await audit.around(by, { action: 'node.cancel', target: RULE }, () => Promise.resolve('done')),
    ).toBe('done');
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({
      audit: { action: 'node.cancel', actor: 'admin', target: RULE, address: '192.0.2.1', outcome: 'ok' },
    });
  });

  test('because the database hangs delays a response by at most a second', async () => {
    const store = new MemoryAuditStore();
    store.append = () => new Promise(() => {});
    const clock = new FakeClock();
    const audit = new AuditLog({ store, clock, logger: pino({ level: 'silent' }) });
    let answered = false;
    const answer = audit
      .around(ADMIN, { action: 'node.cancel' }, () => Promise.resolve())
      .then(() => (answered = true));
    await clock.advance(999);
    expect(answered).toBe(false);
    await clock.advance(1);
    await within('the answer', answer);
  });

  test('reports an internal failure as internal', async () => {
    const store = new MemoryAuditStore();
    const audit = new AuditLog({ store, clock: systemClock, logger: pino({ level: 'silent' }) });
    const failing = audit.around(ADMIN, { action: 'node.cancel' }, () => Promise.reject(new Error('boom')));
    await expect(failing).rejects.toThrow('boom');
    expect(store.entries[0]).toMatchObject({ outcome: 'failed', code: 'internal' });
  });
});
