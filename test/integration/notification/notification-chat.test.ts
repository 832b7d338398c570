import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NotificationEvent } from '@launchlog/shared/notification';
import { DiscordNotifier } from '@launchlog/server/notification/discord-notifier';
import { SystemHostResolver } from '@launchlog/server/notification/host-resolver';
import { launchPayload, messageOf } from '@launchlog/server/notification/notification-message';
import { OutboundClient } from '@launchlog/server/notification/outbound-client';
import { OutboundGuard } from '@launchlog/server/notification/outbound-guard';
import { SlackNotifier } from '@launchlog/server/notification/slack-notifier';
import { sampleNode } from '../../support/sample/sample-node.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';

const never = new AbortController().signal;
const timestamp = '2026-01-01T00:05:00.000Z';
const hostile = 'quota <!channel> & <https://evil.example|click> @everyone';

function messageFor(event: NotificationEvent, failureMessage = hostile) {
  const node = sampleNode({ status: 'failed', phase: 'failed', failureReason: 'quota', failureMessage });
  return messageOf(
    'm-1',
    launchPayload(event, node, { timestamp, publicUrl: 'https://launchlog.example.com' }),
  );
}

describe('notifications in chats', () => {
  let receiver: WebhookReceiver;
  let client: OutboundClient;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    const guard = new OutboundGuard({ allowedHosts: [receiver.host], resolver: new SystemHostResolver() });
    client = new OutboundClient(guard);
  });
  afterEach(() => receiver.stop());

  const slack = (message = messageFor('launch.failed')) =>
    new SlackNotifier(client).send(
      message,
      { kind: 'slack', url: receiver.url('/services/T0/B0/t0ken') },
      never,
    );
  const discord = (message = messageFor('launch.failed')) =>
    new DiscordNotifier(client).send(
      message,
      { kind: 'discord', url: receiver.url('/api/webhooks/1/t0ken') },
      never,
    );
  const posted = () => JSON.parse(receiver.posts[0]?.body ?? '') as Record<string, unknown>;

  it('Slack gets a headline, the explanation, the facts and a link', async () => {
    expect(await slack()).toMatchObject({ kind: 'delivered', responseStatus: 200 });
    const text = JSON.stringify(posted());
    expect(posted()['text']).toBe('cic-aws-uswest2-a100-spot-550e84 failed to launch');
    expect(text).toContain('*Reason*\\nquota');
    expect(text).toContain(
      '<https://launchlog.example.com/nodes/550e8400-e29b-41d4-a716-446655440000|Open the log>',
    );
  });

  it('Slack gets no link and no mention of a channel from the error text of a cloud', async () => {
    await slack();
    const text = JSON.stringify(posted());
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<https://evil');
    expect(text).toContain('quota &lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
  });

  it('Slack gets no more than it accepts: 150 characters in a header, 3,000 in a section', async () => {
    await slack(messageFor('launch.failed', '<'.repeat(5_000)));
    const { blocks } = posted() as {
      blocks: { type: string; text?: { text: string }; fields?: unknown[] }[];
    };
    for (const block of blocks) {
      expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3_000);
      expect(block.fields?.length ?? 0).toBeLessThanOrEqual(10);
    }
  });

  it('Discord gets an embed with a colour and fields that mentions nobody', async () => {
    receiver.answer(204);
    expect(await discord()).toMatchObject({ kind: 'delivered', responseStatus: 204 });
    expect(posted()).toMatchObject({
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: 'cic-aws-uswest2-a100-spot-550e84 failed to launch',
          description: hostile,
          timestamp,
          url: 'https://launchlog.example.com/nodes/550e8400-e29b-41d4-a716-446655440000',
          color: 0xd1_24_2f,
        },
      ],
    });
  });

  it('Discord gets no more than it accepts: 6,000 characters in an embed', async () => {
    await discord(messageFor('launch.failed', 'x'.repeat(9_000)));
    const { embeds } = posted() as { embeds: { description: string; fields: { value: string }[] }[] };
    expect(JSON.stringify(embeds[0]).length).toBeLessThan(6_000);
    expect(embeds[0]?.description).toHaveLength(3_000);
    for (const { value } of embeds[0]?.fields ?? []) expect(value).not.toBe('');
  });

  it('Discord gets no empty description, which it would refuse', async () => {
    const payload = launchPayload('launch.active', sampleNode(), { timestamp });
    await discord(messageOf('m-1', payload));
    const { embeds } = posted() as { embeds: object[] };
    expect(embeds[0]).not.toHaveProperty('description');
  });

  it.each([
    [404, false],
    [403, false],
    [400, false],
    [429, true],
    [408, true],
    [500, true],
    [503, true],
  ])('an answer of %d is retryable: %s', async (status, retryable) => {
    receiver.answer(status, { 'retry-after': '7' }, 'no_service for /services/T0/B0/t0ken');
    const outcome = { kind: 'failed', retryable, responseStatus: status, retryAfterMs: 7_000 };
    const inSlack = await slack();
    expect(inSlack).toMatchObject({ ...outcome, detail: `answered ${status}: no_service for ***` });
    expect(await discord()).toMatchObject(outcome);
  });
});
