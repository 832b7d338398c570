import type { NotificationEvent } from '@launchlog/shared/notification';

/**
 * Events that concern no node, such as a budget that is used up. Rules apply to them as to all other events.
 *
 * Once: of any number of calls with the same `once`, on any number of servers, one adds the notice. Loss: what was answered
 * is as durable as the database. Rejects with `NodeStoreUnavailableError` when the database is unavailable; the call may have
 * been applied, and may be repeated.
 */
export interface NoticeStore {
  /** Adds a notice. False if there is one with this `once`. */
  add(notice: NewNotice): Promise<boolean>;

  find(id: string): Promise<Notice | undefined>;
}

export interface NewNotice {
  /** Names this occasion among all: `budget.warning of tenant-a in 2026-05`. */
  readonly once: string;
  readonly event: NotificationEvent;
  /** One sentence for people, without a full stop. */
  readonly message: string;
  /** For the filters of rules, and for receivers. */
  readonly provider?: string | undefined;
  readonly deploymentId?: string | undefined;
  readonly tenantId?: string | undefined;
  /** The facts behind the message, by names in snake_case. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface Notice extends Omit<NewNotice, 'once' | 'event'> {
  readonly id: string;
  /** RFC 3339. */
  readonly timestamp: string;
}
