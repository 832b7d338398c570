import type { NotificationTargetKind } from '@launchlog/shared/notification';
import type { NotificationMessage } from './notification-message.js';
import type { NotificationTarget } from './notification-target.js';

/**
 * Sends one notification to one target of one kind.
 *
 * Never rejects: whatever goes wrong is an outcome. It ends when the signal is aborted, whatever the receiver does, and
 * keeps nothing open afterwards. Loss and repetition: `failed` may follow a message that did arrive (the answer was
 * lost), so a retry may repeat it; `message.id` stays the same over retries and is sent along, so that the receiver can
 * tell. `detail` is for people and holds no secret of the target.
 */
export interface Notifier<Kind extends NotificationTargetKind = NotificationTargetKind> {
  send(message: NotificationMessage, target: TargetOf<Kind>, signal: AbortSignal): Promise<SendOutcome>;
}

export type TargetOf<Kind extends NotificationTargetKind> = Extract<NotificationTarget, { kind: Kind }>;

export type SendOutcome =
  | { readonly kind: 'delivered'; readonly responseStatus?: number | undefined; readonly detail: string }
  | {
      readonly kind: 'failed';
      /** The same message may be taken later. */
      readonly retryable: boolean;
      readonly responseStatus?: number | undefined;
      readonly detail: string;
      /** The receiver asked to be left alone for so long. */
      readonly retryAfterMs?: number | undefined;
    };
