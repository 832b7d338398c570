import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { DiscordNotifier } from '@launchlog/server/notification/discord-notifier';
import { EmailNotifier } from '@launchlog/server/notification/email-notifier';
import { SystemHostResolver } from '@launchlog/server/notification/host-resolver';
import { launchPayload, messageOf } from '@launchlog/server/notification/notification-message';
import type { NotificationMessage } from '@launchlog/server/notification/notification-message';
import type { SendOutcome } from '@launchlog/server/notification/notifier';
import { OutboundClient } from '@launchlog/server/notification/outbound-client';
import { OutboundGuard } from '@launchlog/server/notification/outbound-guard';
import { SlackNotifier } from '@launchlog/server/notification/slack-notifier';
import { WebhookNotifier } from '@launchlog/server/notification/webhook-notifier';
import { makeWebhookSecret } from '@launchlog/server/notification/webhook-signature';
import { SmtpMailbox } from '../../support/backing-service/smtp-mailbox.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';
import { sampleNode } from '../../support/sample/sample-node.js';
import { within } from '../../support/within.js';

const SECRET = 't0ken-of-the-target';
const timestamp = '2026-01-01T00:05:00.000Z';
const never = new AbortController().signal;
const messageWith = (id: string) =>
  messageOf(id, launchPayload('launch.active', sampleNode({ status: 'active' }), { timestamp }));

/** One notifier and the receiver that it sends to, over real sockets. */
interface Rig {
  send(message: NotificationMessage, signal: AbortSignal): Promise<SendOutcome>;
  /** What a receiver recognises a repeated message by, one for each message that it got. */
  marks(): string[];
  /** Makes the receiver answer with a failure and repeat the secret of the target in it. */
  refuse(kind: 'for now' | 'for good'): void;
  fallSilent(): void;
  hangUp(): void;
  /** Messages that have reached a receiver that does not answer. */
  reached(): number;
  openConnections(): Promise<number>;
  stop(): Promise<void>;
}

type Post = (client: OutboundClient, url: string) => Rig['send'];

function httpRig(post: Post, finalStatus: number, markOf: 'webhook-id' | 'body'): () => Promise<Rig> {
  return async () => {
    const receiver = await WebhookReceiver.start();
    const guard = new OutboundGuard({ allowedHosts: [receiver.host], resolver: new SystemHostResolver() });
    return {
      send: post(new OutboundClient(guard), receiver.url(`/in/${SECRET}`)),
      marks: () =>
        receiver.posts.map((each) => (markOf === 'body' ? each.body : String(each.headers[markOf]))),
      refuse: (kind) => receiver.answer(kind === 'for good' ? finalStatus : 503, {}, `no /in/${SECRET}`),
      fallSilent: () => receiver.fallSilent(),
      hangUp: () => (receiver.respond = (response) => void response.destroy()),
      reached: () => receiver.posts.length,
      openConnections: () => receiver.openConnections(),
      stop: () => receiver.stop(),
    };
  };
}

async function emailRig(): Promise<Rig> {
  let respond: 'accept' | 'for now' | 'for good' | 'never' | 'hang up' = 'accept';
  let reached = 0;
  const mailbox = await SmtpMailbox.start({
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? '' }),
    onRcptTo: (_address, _session, callback) => {
      reached += 1;
      if (respond === 'never') return;
      if (respond === 'hang up') return mailbox.hangUp();
      const responseCode = respond === 'for good' ? 550 : 451;
      callback(respond === 'accept' ? null : Object.assign(new Error(`no ${SECRET}`), { responseCode }));
    },
  });
  const smtpUrl = mailbox.url.replace('smtp://', `smtp://user:${SECRET}@`);
  const notifier = new EmailNotifier({ smtpUrl, from: 'Launchlog <launchlog@example.com>' });
  return {
    send: (message, signal) => notifier.send(message, { kind: 'email', to: ['ops@example.com'] }, signal),
    marks: () => mailbox.mails.map(({ source }) => /^Message-ID: (.*)\r$/m.exec(source)?.[1] ?? ''),
    refuse: (kind) => void (respond = kind),
    fallSilent: () => void (respond = 'never'),
    hangUp: () => void (respond = 'hang up'),
    reached: () => reached,
    openConnections: () => Promise.resolve(mailbox.openConnections),
    stop: () => mailbox.stop(),
  };
}

const webhookKey = { secret: makeWebhookSecret(randomBytes) };
const RIGS: Record<string, () => Promise<Rig>> = {
  'a webhook': httpRig(
    (client, url) => (message, signal) =>
      new WebhookNotifier({ client, clock: systemClock }).send(
        message,
        { kind: 'webhook', url, keys: [webhookKey] },
        signal,
      ),
    410,
    'webhook-id',
  ),
  Slack: httpRig(
    (client, url) => (message, signal) =>
      new SlackNotifier(client).send(message, { kind: 'slack', url }, signal),
    404,
    'body',
  ),
  Discord: httpRig(
    (client, url) => (message, signal) =>
      new DiscordNotifier(client).send(message, { kind: 'discord', url }, signal),
    404,
    'body',
  ),
  'e-mail': emailRig,
};

describe.each(Object.entries(RIGS))('the notifier for %s', (_name, start) => {
  let rig: Rig;
  beforeEach(async () => void (rig = await start()));
  afterEach(() => rig.stop());

  const expectNothingOpen = async () => {
    await expect.poll(() => rig.openConnections()).toBe(0);
  };

  test('delivers a message once, reports the status and leaves no connection open', async () => {
    const outcome = await rig.send(messageWith('m-1'), never);
    expect(outcome).toMatchObject({ kind: 'delivered', responseStatus: expect.any(Number) as number });
    expect(rig.marks()).toHaveLength(1);
    await expectNothingOpen();
  });

  test('sends the same message again in a form that the receiver can recognise', async () => {
    for (const id of ['m-1', 'm-1']) await rig.send(messageWith(id), never);
    const [first, second] = rig.marks();
    expect(first).not.toBe('');
    expect(second).toBe(first);
  });

  test.each([
    ['for now', true],
    ['for good', false],
  ] as const)('reports a message that is refused %s with retryable %s', async (kind, retryable) => {
    rig.refuse(kind);
    const outcome = await rig.send(messageWith('m-1'), never);
    expect(outcome).toMatchObject({
      kind: 'failed',
      retryable,
      responseStatus: expect.any(Number) as number,
    });
    await expectNothingOpen();
  });

  test('never repeats a secret of the target, not even when the receiver does', async () => {
    rig.refuse('for good');
    const refused = await rig.send(messageWith('m-1'), never);
    rig.hangUp();
    const cut = await rig.send(messageWith('m-1'), never);
    expect(JSON.stringify([refused, cut])).not.toContain(SECRET);
  });

  test('reports a receiver that hangs up as a failure that a retry may mend', async () => {
    rig.hangUp();
    expect(await rig.send(messageWith('m-1'), never)).toMatchObject({ kind: 'failed', retryable: true });
  });

  test('reports a receiver that is away as a failure that a retry may mend', async () => {
    const away = await start();
    await away.stop();
    expect(await away.send(messageWith('m-1'), never)).toMatchObject({ kind: 'failed', retryable: true });
  });

  test('ends when its signal is aborted, with the reason, and closes the connection', async () => {
    rig.fallSilent();
    const stop = new AbortController();
    const sending = rig.send(messageWith('m-1'), stop.signal);
    await expect.poll(() => rig.reached()).toBe(1);
    stop.abort(new Error('the server stops'));
    expect(await within('the attempt', sending)).toEqual({
      kind: 'failed',
      retryable: true,
      detail: 'the server stops',
    });
    await expectNothingOpen();
  });

  test('sends nothing when its signal was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('the server stops'));
    const outcome = await within('the attempt', rig.send(messageWith('m-1'), signal));
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true });
    expect(rig.reached()).toBe(0);
    expect(rig.marks()).toEqual([]);
  });
});
