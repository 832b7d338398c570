import type { Clock } from '../clock.js';
import { Deadline } from '../wait/deadline.js';
import type { NotificationMessage } from './notification-message.js';
import type { NotificationTarget } from './notification-target.js';
import type { Notifier, SendOutcome } from './notifier.js';

/** The time from the look-up of the address to the last byte of the answer. */
const SEND_TIMEOUT_MS = 10_000;

/** The time for a notifier to report after the deadline what it has: a status without its whole body is an answer. */
const EXPIRY_GRACE_MS = 500;

export interface Notifiers {
  readonly webhook: Notifier<'webhook'>;
  readonly slack: Notifier<'slack'>;
  readonly discord: Notifier<'discord'>;
  /** Undefined where no mail server is configured. */
  readonly email: Notifier<'email'> | undefined;
}

/** Sends a message to a target of any kind, within a deadline. */
export class TargetSender {
  readonly #notifiers: Notifiers;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  constructor(options: { notifiers: Notifiers; clock: Clock; timeoutMs?: number | undefined }) {
    this.#notifiers = options.notifiers;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs ?? SEND_TIMEOUT_MS;
  }

  get sendsEmail(): boolean {
    return this.#notifiers.email !== undefined;
  }

  /** Never rejects. Always ends within the timeout and its grace, even if a notifier ignores its signal. */
  async send(
    message: NotificationMessage,
    target: NotificationTarget,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const ms = this.#timeoutMs;
    const clock = this.#clock;
    const deadline = new Deadline({ clock, ms, signal, message: `no answer within ${ms / 1_000} s` });
    const expiry = new Expiry(clock, deadline.signal);
    try {
      return await Promise.race([this.#sendTo(message, target, deadline.signal), expiry.outcome]);
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'the message could not be sent';
      return { kind: 'failed', retryable: true, detail };
    } finally {
      deadline.clear();
      expiry.cancel();
    }
  }

  #sendTo(
    message: NotificationMessage,
    target: NotificationTarget,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    switch (target.kind) {
      case 'webhook':
        return this.#notifiers.webhook.send(message, target, signal);
      case 'slack':
        return this.#notifiers.slack.send(message, target, signal);
      case 'discord':
        return this.#notifiers.discord.send(message, target, signal);
      case 'email':
        return this.#notifiers.email?.send(message, target, signal) ?? Promise.resolve(NO_MAIL_SERVER);
    }
  }
}

const NO_MAIL_SERVER: SendOutcome = {
  kind: 'failed',
  retryable: true,
  detail: 'this server has no mail server configured (SMTP_URL, NOTIFICATION_FROM)',
};

/** Rejects when the grace after an aborted signal is over. */
class Expiry {
  readonly outcome: Promise<never>;
  #cancelTimer: (() => void) | undefined;
  #cancelled = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.outcome = new Promise((_, reject) => {
      const expire = () => {
        if (this.#cancelled) return;
        this.#cancelTimer = clock.after(EXPIRY_GRACE_MS, () => reject(signal.reason as Error));
      };
      if (signal.aborted) expire();
      else signal.addEventListener('abort', expire, { once: true });
    });
  }

  cancel(): void {
    this.#cancelled = true;
    this.#cancelTimer?.();
  }
}
