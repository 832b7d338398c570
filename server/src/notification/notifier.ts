import type { NotificationTargetKind } from '@launchlog/shared/notification';
import type { NotificationMessage } from './notification-message.js';
import type { NotificationTarget } from './notification-target.js';

/**
 * Sends one notification to one target of one kind.
 *
 * Never rejects: every fault is an outcome. The send ends when the signal is aborted, whatever the receiver does, and
 * keeps nothing open afterwards. Loss and repetition: `failed` may follow a message that did arrive (its answer was
 * lost), so a retry may repeat it. A repeated message can be recognised: it carries the same `message.id` where the
 * protocol has a field for it (webhook, e-mail) and is the same text elsewhere. `detail` is for people and holds no
 * secret of the target. `test/contract/notification/notifier.test.ts` holds every notifier to this.
 */
export interface Notifier<Kind extends NotificationTargetKind = NotificationTargetKind> {
  send(message: NotificationMessage, target: TargetOf<Kind>, signal: AbortSignal): Promise<SendOutcome>;
}

export type TargetOf<Kind extends NotificationTargetKind> = Extract<NotificationTarget, { kind: Kind }>;

export type SendOutcome =
  | { readonly kind: 'delivered'; readonly responseStatus?: number | undefined; readonly detail: string }
  | {
      readonly kind: 'failed';
      /** The same message may be accepted later. */
      readonly retryable: boolean;
      readonly responseStatus?: number | undefined;
      readonly detail: string;
      /** The receiver asked for no further attempt before this time has passed. */
      readonly retryAfterMs?: number | undefined;
    };
