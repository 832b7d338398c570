import type { Clock } from '../clock.js';
import type { Logger } from '../logger.js';
import type { NodeEventStore } from '../node/event/node-event-store.js';
import type { NodeStore } from '../node/node-store.js';
import type { NoticeStore } from './notice/notice-store.js';
import {
  launchPayload,
  messageOf,
  noticePayload,
  notificationPayloadSchema,
} from './notification-message.js';
import type { NotificationMessage, NotificationPayload } from './notification-message.js';
import { isAboutNode } from './notification-row.js';
import type { ClaimedDelivery, DeliveryResult, NotificationStore } from './notification-store.js';
import type { NotificationTarget } from './notification-target.js';
import type { SendOutcome } from './notifier.js';
import { ATTEMPTS_MAX, retryDelayMs } from './retry-schedule.js';
import type { TargetBox } from './target-box.js';
import type { TargetSender } from './target-sender.js';

interface DeliveryAttemptOptions {
  readonly store: NotificationStore;
  readonly nodes: Pick<NodeStore, 'find'>;
  readonly events: Pick<NodeEventStore, 'read'>;
  readonly notices: Pick<NoticeStore, 'find'>;
  readonly sender: TargetSender;
  readonly targets: TargetBox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Base URL of the console, for links in messages. */
  readonly publicUrl?: string | undefined;
  /** Waits between attempts; the usual ones if absent. */
  readonly retryDelaysMs?: readonly number[] | undefined;
}

/** Attempts beyond the maximum, for those whose process ended before it could record them. */
const UNSETTLED_MAX = 3;
/** Waits before a result is written again: a short outage of the database then repeats no message. */
const SETTLE_RETRIES_MS: readonly number[] = [500, 2_000, 8_000];

const UNREADABLE = 'the target was stored under another SECRETS_KEY: give the rule its target again';
const SUBJECT_GONE = 'what this notification is about no longer exists';
const NEVER_SETTLED = 'the server ended in the middle of every attempt';

/** Makes one attempt at a claimed delivery and records the result. */
export class DeliveryAttempt {
  readonly #options: DeliveryAttemptOptions;

  constructor(options: DeliveryAttemptOptions) {
    this.#options = options;
  }

  /** Rejects when the result could not be recorded. `breakOff`: this server stops, and the next one tries again. */
  async run(claimed: ClaimedDelivery, breakOff: AbortSignal): Promise<void> {
    const result = await this.#make(claimed, breakOff);
    if (result === undefined) return this.#options.store.release(claimed.lease);
    const kept = await this.#settle(claimed, result, breakOff);
    const { id: deliveryId, ruleId, nodeId, event, attempt } = claimed.delivery;
    const level = result.kind === 'dead' ? 'warn' : 'info';
    this.#options.logger[level](
      { deliveryId, ruleId, nodeId, event, attempt, kept, result: result.kind },
      'notification attempted',
    );
  }

  /** Undefined when the attempt was interrupted. */
  async #make(claimed: ClaimedDelivery, breakOff: AbortSignal): Promise<DeliveryResult | undefined> {
    const { attempt } = claimed.delivery;
    if (attempt > ATTEMPTS_MAX + UNSETTLED_MAX) return dead(NEVER_SETTLED);
    const target = this.#openTarget(claimed);
    if (target === undefined) return dead(UNREADABLE);
    const message = await this.#message(claimed);
    if (message === undefined) return dead(SUBJECT_GONE);
    const outcome = await this.#options.sender.send(message, target, breakOff);
    if (outcome.kind === 'failed' && breakOff.aborted) return undefined;
    return this.#resultOf(outcome, attempt);
  }

  #openTarget({ delivery, sealedTarget }: ClaimedDelivery): NotificationTarget | undefined {
    try {
      return this.#options.targets.open(delivery.ruleId, sealedTarget);
    } catch {
      return undefined;
    }
  }

  /** The stored message, or a new one that is stored now. Undefined when its subject no longer exists. */
  async #message(claimed: ClaimedDelivery): Promise<NotificationMessage | undefined> {
    const { lease, delivery, body } = claimed;
    if (body !== undefined) {
      return { id: delivery.id, body, payload: notificationPayloadSchema.parse(JSON.parse(body)) };
    }
    const payload = await this.#payload(claimed);
    if (payload === undefined) return undefined;
    const message = messageOf(delivery.id, payload);
    if (await this.#options.store.keepBody(lease, message.body)) return message;
    throw new Error('the lease was lost before the message was sent');
  }

  async #payload({
    delivery,
    subjectId,
    occurrence,
  }: ClaimedDelivery): Promise<NotificationPayload | undefined> {
    const { nodes, notices, publicUrl } = this.#options;
    if (!isAboutNode(delivery.event)) {
      const notice = await notices.find(subjectId);
      return notice && noticePayload(delivery.event, notice, { publicUrl });
    }
    const record = await nodes.find(subjectId);
    if (record === undefined) return undefined;
    const event = await this.#event(subjectId, occurrence);
    const endedAt = delivery.event === 'launch.stalled' ? undefined : record.node.endedAt;
    const timestamp = event?.timestamp ?? endedAt ?? delivery.createdAt;
    return launchPayload(delivery.event, record.node, { timestamp, event, publicUrl });
  }

  /** The event of the node; undefined for an event that happens once per launch. */
  async #event(nodeId: string, seq: number) {
    if (seq === 0) return undefined;
    const { events } = await this.#options.events.read(nodeId, seq - 1, 1);
    return events.find((event) => event.seq === seq);
  }

  #resultOf(outcome: SendOutcome, attempt: number): DeliveryResult {
    const { kind, responseStatus } = outcome;
    if (kind === 'delivered') return { kind, responseStatus };
    const failed = { attempt, retryAfterMs: outcome.retryAfterMs, delays: this.#options.retryDelaysMs };
    const retryInMs = outcome.retryable ? retryDelayMs(failed, this.#options.random()) : undefined;
    return retryInMs === undefined
      ? { kind: 'dead', responseStatus, error: outcome.detail }
      : { kind: 'failed', responseStatus, error: outcome.detail, retryInMs };
  }

  async #settle({ lease }: ClaimedDelivery, result: DeliveryResult, breakOff: AbortSignal): Promise<boolean> {
    const { store, clock } = this.#options;
    for (let failures = 0; ; failures += 1) {
      try {
        return await store.settle(lease, result);
      } catch (error) {
        const waitMs = SETTLE_RETRIES_MS[failures];
        if (waitMs === undefined || breakOff.aborted) throw error;
        await clock.sleep(waitMs, breakOff);
      }
    }
  }
}

function dead(error: string): DeliveryResult {
  return { kind: 'dead', responseStatus: undefined, error };
}
