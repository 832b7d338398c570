import { isFinalForChat, outcomeOfAnswer, outcomeOfError } from './http-outcome.js';
import type { NotificationMessage, NotificationPayload } from './notification-message.js';
import { textOf } from './notification-text.js';
import type { Notifier, SendOutcome, TargetOf } from './notifier.js';
import type { OutboundClient } from './outbound-client.js';

/** Discord's limits, in characters. */
const TITLE_MAX = 256;
/** A whole embed may have 6,000: the description gets what the fields can never use. */
const DESCRIPTION_MAX = 3_000;
const FIELD_VALUE_MAX = 200;

const [GREEN, RED, AMBER, GREY, BLUE] = [0x2e_a0_43, 0xd1_24_2f, 0xbf_87_00, 0x6e_77_81, 0x09_69_da];
const COLOURS: Readonly<Record<string, number>> = {
  'launch.active': GREEN,
  'launch.failed': RED,
  'launch.stalled': AMBER,
  'launch.cancelled': GREY,
  'launch.test': BLUE,
  'node.degraded': AMBER,
  'node.recovered': GREEN,
  'node.idle': AMBER,
  'node.lost': RED,
  'node.relaunched': BLUE,
  'node.terminated': GREY,
};

/** Posts an embed to an incoming webhook of Discord. */
export class DiscordNotifier implements Notifier<'discord'> {
  readonly #client: OutboundClient;

  constructor(client: OutboundClient) {
    this.#client = client;
  }

  async send(
    message: NotificationMessage,
    target: TargetOf<'discord'>,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const body = JSON.stringify(discordMessage(message.payload));
    try {
      const answer = await this.#client.post({ url: target.url, headers: {}, body }, signal);
      return outcomeOfAnswer(answer, { url: target.url, isFinal: isFinalForChat });
    } catch (error) {
      return outcomeOfError(error, signal);
    }
  }
}

function discordMessage(payload: NotificationPayload): object {
  const text = textOf(payload);
  const link = text.link === undefined ? {} : { url: text.link };
  return {
    embeds: [
      {
        title: text.headline.slice(0, TITLE_MAX),
        ...(text.explanation !== '' && { description: text.explanation.slice(0, DESCRIPTION_MAX) }),
        ...link,
        color: COLOURS[payload.type] ?? GREY,
        timestamp: payload.timestamp,
        fields: text.facts.map(([name, value]) => ({
          name,
          value: value.slice(0, FIELD_VALUE_MAX),
          inline: true,
        })),
      },
    ],
    // The error text of a cloud must not be able to mention @everyone.
    allowed_mentions: { parse: [] },
  };
}
