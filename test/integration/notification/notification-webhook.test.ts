import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  notificationRuleInputSchema,
  type NotificationRuleInput,
  type NotificationTargetInput,
} from '@launchlog/shared/notification';
import { WebhookReceiver, type ReceivedPost } from '../../support/backing-service/webhook-receiver.js';
import { DATABASE_KINDS, type OpenDatabase } from '../../support/database/node-databases.js';
import { endNode, insertNode, stallNode } from '../../support/database/node-rows.js';
import {
  NotificationServer,
  type NotificationServerOptions,
} from '../../support/launch/notification-server.js';
import { within } from '../../support/within.js';

const openPglite = DATABASE_KINDS['PGlite']!;
const FAST_RETRIES_MS = [20, 20, 20, 20, 20, 20, 20];

function ruleFor(target: NotificationTargetInput, changes: Partial<NotificationRuleInput> = {}) {
  return notificationRuleInputSchema.parse({
    name: 'operators',
    target,
    events: ['launch.active', 'launch.failed', 'launch.stalled', 'launch.cancelled'],
    ...changes,
  });
}

describe('notifications by webhook', () => {
  let fixture: OpenDatabase;
  let receiver: WebhookReceiver;
  let server: NotificationServer;
  const secretsKey = randomBytes(32);

  beforeAll(async () => {
    fixture = await openPglite();
  });
  afterAll(() => fixture.stop());
  beforeEach(async () => {
    await fixture.database.script('truncate nodes, notification_rules cascade');
    receiver = await WebhookReceiver.start();
    server = newServer();
    server.dispatcher.start();
  });
  afterEach(async () => {
    await server.close();
    await receiver.stop();
  });

  function newServer(options: Partial<NotificationServerOptions> = {}) {
    return new NotificationServer({
      database: fixture.database,
      allowedHosts: [receiver.host],
      retryDelaysMs: FAST_RETRIES_MS,
      secretsKey,
      ...options,
    });
  }
  const createRule = (changes: Partial<NotificationRuleInput> = {}) =>
    server.service.createRule(ruleFor({ kind: 'webhook', url: receiver.url('/in/t0ken') }, changes));
  const endedNode = async (end: Parameters<typeof endNode>[2] = {}) => {
    const id = await insertNode(fixture.database, { deploymentId: 'd-1' });
    await endNode(fixture.database, id, end);
    return id;
  };
  const verified = (secret: string, post: ReceivedPost) =>
    new Webhook(secret).verify(post.body, post.headers as Record<string, string>);

  it('announce an active launch, signed so that the official library accepts it', async () => {
    const { rule, secret } = await createRule();
    const id = await endedNode();
    const [post] = await receiver.waitFor(1);
    expect(post).toMatchObject({ method: 'POST', path: '/in/t0ken' });
    expect(post?.headers['content-type']).toBe('application/json');
    const payload = verified(secret!, post!);
    expect(payload).toMatchObject({
      type: 'launch.active',
      data: {
        node_id: id,
        provider: 'aws',
        status: 'active',
        endpoint: 'http://203.0.113.9:8000',
        deployment_id: 'd-1',
        duration_seconds: expect.any(Number) as number,
        console_url: `https://launchlog.example.com/nodes/${id}`,
      },
    });
    const [delivery] = await server.waitFor(1, { status: ['delivered'] });
    expect(delivery).toMatchObject({
      id: post!.headers['webhook-id'],
      ruleId: rule.id,
      nodeId: id,
      attempt: 1,
    });
    expect(delivery).toMatchObject({ responseStatus: 200, deliveredAt: expect.any(String) as string });
  });

  it('announce a failure, a cancellation and a stall once each', async () => {
    await createRule();
    await endedNode({ failureReason: 'quota', failureMessage: 'The quota for A100 is used up.' });
    await endedNode({ failureReason: 'cancelled' });
    await stallNode(fixture.database, await insertNode(fixture.database));
    await server.waitFor(3, { status: ['delivered'] });
    const payloads = receiver.posts.map((post) => JSON.parse(post.body) as { type: string; data: object });
    expect(payloads.map(({ type }) => type).toSorted()).toEqual([
      'launch.cancelled',
      'launch.failed',
      'launch.stalled',
    ]);
    expect(payloads.find(({ type }) => type === 'launch.failed')?.data).toMatchObject({
      failure_reason: 'quota',
      failure_message: 'The quota for A100 is used up.',
    });
  });

  it('are retried with the same id and the same bytes, signed again, until the receiver accepts them', async () => {
    const { secret } = await createRule();
    receiver.respond = (response, _, nth) => void response.writeHead(nth < 4 ? 500 : 204).end('sorry');
    await endedNode();
    const [delivery] = await server.waitFor(1, { status: ['delivered'] });
    expect(delivery).toMatchObject({ attempt: 4, responseStatus: 204 });
    expect(new Set(receiver.posts.map((post) => post.headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.posts.map((post) => post.body)).size).toBe(1);
    for (const post of receiver.posts) verified(secret!, post);
  });

  it('are given up after eight attempts with a reason, and resent on request with the same id', async () => {
    await createRule();
    receiver.answer(503, {}, 'down for maintenance');
    await endedNode();
    const [dead] = await server.waitFor(1, { status: ['dead'] });
    expect(dead).toMatchObject({
      attempt: 8,
      responseStatus: 503,
      error: 'answered 503: down for maintenance',
    });
    expect(receiver.posts).toHaveLength(8);
    receiver.answer(200);
    await server.service.resend(dead!.id);
    await server.waitFor(1, { status: ['delivered'] });
    expect(receiver.posts).toHaveLength(9);
    expect(receiver.posts[8]?.headers['webhook-id']).toBe(dead!.id);
    expect(receiver.posts[8]?.body).toBe(receiver.posts[0]?.body);
  });

  it('end at once when the receiver answers that it is gone', async () => {
    await createRule();
    receiver.answer(410);
    await endedNode();
    expect(await server.waitFor(1, { status: ['dead'] })).toMatchObject([
      { attempt: 1, responseStatus: 410 },
    ]);
  });

  it('do not follow a redirect, which counts as a failure', async () => {
    const inner = await WebhookReceiver.start();
    try {
      await createRule();
      receiver.answer(302, { location: inner.url('/secret') });
      await endedNode();
      const [dead] = await server.waitFor(1, { status: ['dead'] });
      expect(dead).toMatchObject({ responseStatus: 302, error: 'answered 302 (redirects are not followed)' });
      expect(inner.posts).toEqual([]);
    } finally {
      await inner.stop();
    }
  });

  it('are signed with the former key and the rotated one, which is returned once', async () => {
    const { rule, secret: former } = await createRule();
    const { secret } = await server.service.rotateSecret(rule.id);
    expect(secret).not.toBe(former);
    await endedNode();
    const [post] = await receiver.waitFor(1);
    verified(former!, post!);
    verified(secret!, post!);
  });

  it('show no secret of a target in answers, in the database or in the log of the server', async () => {
    const { rule, secret } = await createRule();
    receiver.respond = (response, post) => void response.writeHead(400).end(`cannot POST ${post.path}`);
    await endedNode();
    const deliveries = await server.waitFor(1, { status: ['dead'] });
    const rows = await fixture.database.query('select * from notification_rules', []);
    const reads = JSON.stringify([
      await server.service.listRules(),
      await server.service.getRule(rule.id),
      deliveries,
      server.logLines,
      rows.map((row) =>
        row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value)),
      ),
    ]);
    expect(deliveries[0]?.error).toBe('answered 400: cannot POST ***');
    expect(reads).toContain(`http://${receiver.host}/***`);
    expect(reads).not.toContain('t0ken');
    expect(reads).not.toContain(secret!.slice('whsec_'.length));
    expect(server.logLines.join('')).toContain('notification attempted');
  });

  it('include a test, which is sent at once, is marked as one, and leaves no delivery', async () => {
    const { rule, secret } = await createRule({ enabled: false });
    const signal = new AbortController().signal;
    expect(await server.service.test(rule.id, signal)).toEqual({
      delivered: true,
      responseStatus: 200,
      message: 'answered 200',
    });
    expect(verified(secret!, receiver.posts[0]!)).toMatchObject({ type: 'launch.test' });
    receiver.answer(401, {}, 'who are you?');
    expect(await server.service.test(rule.id, signal)).toEqual({
      delivered: false,
      responseStatus: 401,
      message: 'answered 401: who are you?',
    });
    expect(await server.deliveries()).toEqual([]);
  });

  it('refuse targets that the guard refuses, e-mail without a mail server, and unknown rules', async () => {
    const refused = (url: string) => server.service.createRule(ruleFor({ kind: 'webhook', url }));
    await expect(refused('https://169.254.169.254/latest')).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(refused('http://hooks.example.com/x')).rejects.toThrow(
      "'target.url' must begin with https://",
    );
    const mail = ruleFor({ kind: 'email', to: ['ops@example.com'] });
    await expect(server.service.createRule(mail)).rejects.toThrow('SMTP_URL');
    const unknown = '00000000-0000-4000-8000-000000000000';
    await expect(server.service.updateRule(unknown, {})).rejects.toMatchObject({ code: 'not_found' });
    await expect(server.service.removeRule(unknown)).rejects.toMatchObject({ code: 'not_found' });
    await expect(server.service.resend(unknown)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are not sent, and say why, when the target was sealed with another key', async () => {
    await createRule();
    await server.close();
    server = newServer({ secretsKey: randomBytes(32) });
    server.dispatcher.start();
    await endedNode();
    const [dead] = await server.waitFor(1, { status: ['dead'] });
    expect(dead?.error).toContain('another SECRETS_KEY');
    expect(receiver.posts).toEqual([]);
  });

  it('announce, when a server starts, what happened while none ran', async () => {
    await createRule();
    await server.close();
    const id = await endedNode({ endedMsAgo: -1 });
    await fixture.database.script("update notification_rules set active_since = now() - interval '3 days'");
    await fixture.database.query("update nodes set ended_at = now() - interval '2 days' where id = $1", [id]);
    expect(receiver.posts).toEqual([]);
    server = newServer();
    server.dispatcher.start();
    await server.waitFor(1, { status: ['delivered'] });
    expect(receiver.posts).toHaveLength(1);
  });

  it('are sent after a nudge without waiting for the next look', async () => {
    await createRule();
    await server.close();
    server = newServer({ pollMs: 60_000 });
    server.dispatcher.start();
    await endedNode();
    server.dispatcher.nudge();
    await receiver.waitFor(1);
    expect(receiver.posts).toHaveLength(1);
  });

  it('do not count an attempt that a shutdown interrupts; the next server makes it', async () => {
    await createRule();
    receiver.fallSilent();
    await endedNode();
    await receiver.waitFor(1);
    await within('the shutdown', server.close());
    expect(await server.deliveries()).toMatchObject([{ status: 'pending', attempt: 0 }]);
    receiver.answer(200);
    server = newServer();
    server.dispatcher.start();
    expect(await server.waitFor(1, { status: ['delivered'] })).toMatchObject([{ attempt: 1 }]);
  });
});
