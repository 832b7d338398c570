import type { Provider } from '@launchlog/shared/launch-request';
import type {
  DeliveryPage,
  DeliveryQuery,
  NotificationDelivery,
  NotificationEvent,
  NotificationRule,
  NotificationTargetKind,
  NotificationTargetView,
} from '@launchlog/shared/notification';
import type { SealedSecrets } from '../database/secret-box.js';

/**
 * Rules, and the outbox of their notifications: at most one delivery for each rule and event: of a launch, of a node, or a
 * notice.
 *
 * Atomicity: every call is one statement, applied entirely or not at all. Once: any number of servers may call `fill` at any
 * time; a delivery is created at most once, and `claim` gives it to one server at a time, by a lease that expires on the
 * database's clock. Loss: an answered call is as durable as the database; a call that rejects may have been applied, and may
 * be repeated. A server that ends between sending and `settle` leaves a delivery that is sent again: at least once, with the
 * same id. The caller must settle or release a delivery well before its lease expires.
 */
export interface NotificationStore {
  createRule(rule: NewRule): Promise<NotificationRule>;

  /**
   * Undefined for an unknown rule. A rule that matches more than before, or is enabled again, applies to launches that
   * end from then on, or that ended in the minute before, so that no launch falls between the two versions of the rule.
   */
  changeRule(id: string, changes: RuleChanges): Promise<NotificationRule | undefined>;

  /** Removes a rule with its deliveries. False for an unknown rule. */
  removeRule(id: string): Promise<boolean>;

  findRule(id: string): Promise<StoredRule | undefined>;

  /** All of them, the oldest first. */
  listRules(): Promise<readonly NotificationRule[]>;

  /** Looks for what `fill` and `claim` could do. Costs a fraction of them. */
  look(): Promise<OutboxSight>;

  /**
   * Adds the missing deliveries of enabled rules for launches that ended from `sinceMs` ago until `untilMs` ago, and for
   * events of nodes in that time. Without `untilMs` until now, and also for launches that are stalled now. Returns how many
   * it added: a bounded number.
   */
  fill(sinceMs: number, untilMs?: number): Promise<number>;

  /** The delivery that has been due for longest, except for the rules and hosts named. Increments its `attempt`. */
  claim(request: DeliveryClaimRequest): Promise<ClaimedDelivery | undefined>;

  /** Stores the body, so that every attempt sends the same bytes. False when the lease was lost. */
  keepBody(lease: DeliveryLease, body: string): Promise<boolean>;

  /** Ends the attempt. False when the lease was lost: another server has the delivery, or it no longer exists. */
  settle(lease: DeliveryLease, result: DeliveryResult): Promise<boolean>;

  /**
   * Takes an attempt back that was not made, or may not have been: it does not count, and the delivery is due again at once.
   */
  release(lease: DeliveryLease): Promise<void>;

  /** Makes a delivery due now, with its attempts counted from zero. Refused while a server is sending it. */
  resend(id: string): Promise<ResendReply>;

  listDeliveries(query: DeliveryQuery): Promise<DeliveryPage>;

  /** Deletes some deliveries that were delivered or given up more than `ageMs` ago. Returns how many; 0 when none is left. */
  prune(ageMs: number): Promise<number>;
}

export interface OutboxSight {
  /** Whether a rule is enabled. Without one `fill` adds nothing. */
  readonly hasRules: boolean;
  /** Whether a delivery of an enabled rule is due. Without one, and after a `fill` that added nothing, `claim` finds nothing. */
  readonly hasDue: boolean;
}

export interface NewRule {
  readonly id: string;
  readonly name: string;
  readonly kind: NotificationTargetKind;
  readonly host: string;
  readonly view: NotificationTargetView;
  readonly sealedTarget: SealedSecrets;
  readonly events: readonly NotificationEvent[];
  readonly provider: Provider | undefined;
  readonly deploymentId: string | undefined;
  readonly enabled: boolean;
}

/** Undefined leaves a field as it is; null empties it. */
export interface RuleChanges {
  readonly name?: string | undefined;
  readonly target?: Pick<NewRule, 'kind' | 'host' | 'view' | 'sealedTarget'> | undefined;
  readonly events?: readonly NotificationEvent[] | undefined;
  readonly provider?: Provider | null | undefined;
  readonly deploymentId?: string | null | undefined;
  readonly enabled?: boolean | undefined;
}

export interface StoredRule {
  readonly rule: NotificationRule;
  readonly sealedTarget: SealedSecrets;
}

export interface DeliveryClaimRequest {
  readonly leaseMs: number;
  readonly exceptRules: readonly string[];
  readonly exceptHosts: readonly string[];
}

export interface DeliveryLease {
  readonly deliveryId: string;
  readonly leaseId: string;
}

export interface ClaimedDelivery {
  readonly lease: DeliveryLease;
  readonly delivery: NotificationDelivery;
  /** The node, or the notice. */
  readonly subjectId: string;
  /** The number of the node's event, for `node.*`. */
  readonly occurrence: number;
  /** Stored by the first attempt. */
  readonly body: string | undefined;
  readonly host: string;
  readonly sealedTarget: SealedSecrets;
}

export type DeliveryResult =
  | { readonly kind: 'delivered'; readonly responseStatus: number | undefined }
  | {
      readonly kind: 'failed';
      readonly responseStatus: number | undefined;
      readonly error: string;
      readonly retryInMs: number;
    }
  | { readonly kind: 'dead'; readonly responseStatus: number | undefined; readonly error: string };

export type ResendReply =
  | { readonly kind: 'due'; readonly delivery: NotificationDelivery }
  | { readonly kind: 'in_flight' }
  | { readonly kind: 'unknown' };
