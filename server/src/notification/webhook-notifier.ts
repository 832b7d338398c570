import type { Clock } from '../clock.js';
import { outcomeOfAnswer, outcomeOfError } from './http-outcome.js';
import type { NotificationMessage } from './notification-message.js';
import { keysAt } from './notification-target.js';
import type { Notifier, SendOutcome, TargetOf } from './notifier.js';
import type { OutboundClient } from './outbound-client.js';
import { signWebhook } from './webhook-signature.js';

const GONE = 410;

/** Posts the payload as Standard Webhooks requires: signed, dated, with an id that stays the same over retries. */
export class WebhookNotifier implements Notifier<'webhook'> {
  readonly #client: OutboundClient;
  readonly #clock: Clock;

  constructor(options: { client: OutboundClient; clock: Clock }) {
    this.#client = options.client;
    this.#clock = options.clock;
  }

  async send(
    message: NotificationMessage,
    target: TargetOf<'webhook'>,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const nowMs = this.#clock.now();
    const timestampSeconds = Math.floor(nowMs / 1_000);
    const secrets = keysAt(target.keys, nowMs).map((key) => key.secret);
    const headers = {
      'webhook-id': message.id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signWebhook({ id: message.id, timestampSeconds, body: message.body }, secrets),
    };
    try {
      const answer = await this.#client.post({ url: target.url, headers, body: message.body }, signal);
      // Any other status may come from a receiver that is being changed: the standard asks senders to keep trying.
      return outcomeOfAnswer(answer, { url: target.url, isFinal: (status) => status === GONE });
    } catch (error) {
      return outcomeOfError(error, signal);
    }
  }
}
