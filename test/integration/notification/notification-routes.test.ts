import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';
import { stockHttpClient } from '../../support/client/server-trpc-client.js';
import { DATABASE_KINDS, type OpenDatabase } from '../../support/database/node-databases.js';
import { endNode, insertNode } from '../../support/database/node-rows.js';
import { NotificationServer } from '../../support/launch/notification-server.js';
import { ServerEdge } from '../../support/server/server-edge.js';

const RULES = '/admin/notifications/rules';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('notifications over REST and tRPC', () => {
  let fixture: OpenDatabase;
  let receiver: WebhookReceiver;
  let server: NotificationServer;
  let edge: ServerEdge;

  beforeAll(async () => {
    fixture = await DATABASE_KINDS['PGlite']!();
  });
  afterAll(() => fixture.stop());
  beforeEach(async () => {
    await fixture.database.script('truncate nodes, notification_rules cascade');
    receiver = await WebhookReceiver.start();
    server = new NotificationServer({
      database: fixture.database,
      allowedHosts: [receiver.host],
      secretsKey: randomBytes(32),
    });
    edge = await ServerEdge.start({ notifications: server.service });
  });
  afterEach(async () => {
    await edge.close();
    await server.close();
    await receiver.stop();
  });

  const send = async (method: string, path: string, body?: object) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await edge.fetch(path, init);
    const text = await response.text();
    const answer = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    return { status: response.status, headers: response.headers, answer };
  };
  const ruleFor = (changes: object = {}) => ({
    name: 'operators',
    events: ['launch.active'],
    deployment_id: 'd-1',
    target: { kind: 'webhook', url: receiver.url('/in/t0ken') },
    ...changes,
  });
  const errorOf = ({ answer }: { answer: Record<string, unknown> }) => answer['error'] as { message: string };

  it('a rule is added, read, changed and removed, and its key is returned once', async () => {
    const created = await send('POST', RULES, ruleFor());
    expect(created.status).toBe(201);
    const { secret, ...rule } = created.answer;
    expect(secret).toMatch(/^whsec_/);
    expect(rule).toMatchObject({
      name: 'operators',
      deployment_id: 'd-1',
      enabled: true,
      target: { kind: 'webhook', url: `http://${receiver.host}/***` },
    });
    const path = `${RULES}/${String(rule['id'])}`;
    expect(created.headers.get('location')).toBe(path);
    expect(created.headers.get('cache-control')).toBe('no-store');
    expect((await send('GET', path)).answer).toEqual(rule);
    expect((await send('GET', RULES)).answer).toEqual({ rules: [rule], count: 1 });

    const changed = await send('PATCH', path, { deployment_id: null, enabled: false });
    expect(changed.answer).toMatchObject({ enabled: false, name: 'operators' });
    expect(changed.answer).not.toHaveProperty('deployment_id');
    expect(changed.answer).not.toHaveProperty('secret');
    const rotated = await send('POST', `${path}/rotate-secret`);
    expect(rotated.answer['secret']).toMatch(/^whsec_/);
    expect(rotated.answer['secret']).not.toBe(secret);

    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).status).toBe(404);
  });

  it('a test answers with the outcome at the receiver', async () => {
    const { answer } = await send('POST', RULES, ruleFor());
    const path = `${RULES}/${String(answer['id'])}/test`;
    const delivered = { delivered: true, response_status: 200, message: 'answered 200' };
    expect((await send('POST', path)).answer).toEqual(delivered);
    receiver.answer(500);
    expect((await send('POST', path)).answer).toMatchObject({ delivered: false, response_status: 500 });
  });

  it('deliveries are listed and sent again', async () => {
    await send('POST', RULES, ruleFor({ deployment_id: undefined }));
    receiver.answer(410);
    server.dispatcher.start();
    const nodeId = await insertNode(fixture.database);
    await endNode(fixture.database, nodeId);
    await server.waitFor(1, { status: ['dead'] });
    const { answer } = await send(
      'GET',
      `/admin/notifications/deliveries?status=dead,failed&node_id=${nodeId}`,
    );
    expect(answer).toMatchObject({ count: 1, deliveries: [{ node_id: nodeId, status: 'dead', attempt: 1 }] });
    receiver.answer(200);
    const [{ id }] = answer['deliveries'] as [{ id: string }];
    expect((await send('POST', `/admin/notifications/deliveries/${id}/resend`)).status).toBe(202);
    await server.waitFor(1, { status: ['delivered'] });
  });

  it.each([
    [{ events: ['launch.exploded'] }, 'events'],
    [{ target: { kind: 'webhook', url: 'https://10.0.0.1/x' } }, "'target.url' must not lead to a private"],
    [{ target: { kind: 'webhook', url: 'http://example.com/x' } }, "'target.url' must begin with https://"],
    [{ target: { kind: 'webhook', url: 'https://example.com/x', secrets: ['short'] } }, 'whsec_'],
    [{ target: { kind: 'pigeon' } }, 'webhook, slack, discord or email'],
    [{ target: { kind: 'email', to: ['nobody'] } }, 'must be an e-mail address'],
    [{ deploymentId: 'd-1' }, "unknown field 'deploymentId'"],
    [{ name: undefined }, "'name' is required"],
  ])('a rule with %o is refused: %s', async (changes, message) => {
    const refused = await send('POST', RULES, ruleFor(changes));
    expect(refused.status).toBe(400);
    expect(errorOf(refused).message).toContain(message);
  });

  it('unknown rules and deliveries are not found, whatever their id looks like', async () => {
    for (const id of [UNKNOWN, 'nonsense', "';--"]) {
      const path = `${RULES}/${encodeURIComponent(id)}`;
      expect((await send('GET', path)).status).toBe(404);
      expect((await send('PATCH', path, {})).status).toBe(404);
      expect((await send('DELETE', path)).status).toBe(404);
      expect((await send('POST', `${path}/test`)).status).toBe(404);
      const resend = `/admin/notifications/deliveries/${encodeURIComponent(id)}/resend`;
      expect((await send('POST', resend)).status).toBe(404);
    }
  });

  it('nobody without the admin token reads or writes them', async () => {
    for (const path of [RULES, '/admin/notifications/deliveries']) {
      expect((await fetch(edge.url + path)).status).toBe(401);
    }
    const refused = stockHttpClient(edge.url, 'wrong').notifications.listRules.query();
    await expect(refused).rejects.toMatchObject({ data: { code: 'invalid_admin_token' } });
  });

  it('tRPC offers the same in camelCase', async () => {
    const { notifications } = stockHttpClient(edge.url);
    const { rule, secret } = await notifications.createRule.mutate({
      name: 'operators',
      events: ['launch.failed'],
      deploymentId: 'd-1',
      target: { kind: 'webhook', url: receiver.url() },
    });
    expect(secret).toMatch(/^whsec_/);
    expect(await notifications.listRules.query()).toEqual({ rules: [rule] });
    expect(await notifications.getRule.query({ id: rule.id })).toEqual(rule);
    const changed = await notifications.updateRule.mutate({ id: rule.id, deploymentId: null });
    expect(changed.rule.deploymentId).toBeUndefined();
    expect(await notifications.testRule.mutate({ id: rule.id })).toMatchObject({ delivered: true });
    expect((await notifications.rotateSecret.mutate({ id: rule.id })).secret).not.toBe(secret);
    expect(await notifications.deliveries.query()).toEqual({ deliveries: [] });
    await expect(notifications.resend.mutate({ id: UNKNOWN })).rejects.toMatchObject({
      data: { code: 'not_found' },
    });
    await notifications.removeRule.mutate({ id: rule.id });
    await expect(notifications.getRule.query({ id: rule.id })).rejects.toThrow(
      `notification rule not found: ${rule.id}`,
    );
  });

  it('the document names the routes', async () => {
    const document = (await (await fetch(`${edge.url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        RULES,
        `${RULES}/{id}`,
        `${RULES}/{id}/test`,
        '/admin/notifications/deliveries',
      ]),
    );
  });
});
