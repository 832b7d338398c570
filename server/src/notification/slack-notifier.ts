import { isFinalForChat, outcomeOfAnswer, outcomeOfError } from './http-outcome.js';
import type { NotificationMessage } from './notification-message.js';
import { textOf, type NotificationText } from './notification-text.js';
import type { Notifier, SendOutcome, TargetOf } from './notifier.js';
import type { OutboundClient } from './outbound-client.js';

/** Slack's limits, in characters. */
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const FIELD_MAX = 2_000;
const FIELDS_MAX = 10;

/** Posts to an incoming webhook of Slack, or of a chat that accepts the same format. */
export class SlackNotifier implements Notifier<'slack'> {
  readonly #client: OutboundClient;

  constructor(client: OutboundClient) {
    this.#client = client;
  }

  async send(
    message: NotificationMessage,
    target: TargetOf<'slack'>,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const body = JSON.stringify(slackMessage(textOf(message.payload)));
    try {
      const answer = await this.#client.post({ url: target.url, headers: {}, body }, signal);
      return outcomeOfAnswer(answer, { url: target.url, isFinal: isFinalForChat });
    } catch (error) {
      return outcomeOfError(error, signal);
    }
  }
}

function slackMessage(text: NotificationText): object {
  const explanation = { type: 'section', text: mrkdwn(escapeSlack(text.explanation).slice(0, SECTION_MAX)) };
  const fields = text.facts
    .slice(0, FIELDS_MAX)
    .map(([label, value]) => mrkdwn(`*${label}*\n${escapeSlack(value)}`.slice(0, FIELD_MAX)));
  const link = { type: 'section', text: mrkdwn(`<${escapeSlack(text.link ?? '')}|Open the log>`) };
  return {
    // Desktop notifications show this text instead of the blocks.
    text: escapeSlack(text.headline),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: text.headline.slice(0, HEADER_MAX) } },
      ...(text.explanation === '' ? [] : [explanation]),
      { type: 'section', fields },
      ...(text.link === undefined ? [] : [link]),
    ],
  };
}

function mrkdwn(text: string): object {
  return { type: 'mrkdwn', text };
}

/** Escapes the three characters that could form a link or mention a channel (`<!channel>`). */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
