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
 * Rules, and the outbox of what they have to tell: one delivery for each rule, launch and event, ever.
 *
 * Atomicity: every call is one statement, applied whole or not at all. Once: `fill` may be called by any number of
 * servers at any time; a delivery is made at most once, and `claim` gives it to one of them at a time, by a lease that
 * runs out; time is the database's. Loss: what was answered is durable as the database is; a call that rejects may have
 * been applied, and may be repeated. A server that ends between sending and `settle` leaves a delivery that is sent
 * again: at least once, with the same id. The caller owes: to settle or release well before the lease runs out.
 */
export interface NotificationStore {
  createRule(rule: NewRule): Promise<NotificationRule>;

  /**
   * Undefined for an unknown rule. A rule that asks for more than before, or is enabled again, has that to tell of
   * launches that end from then on (or ended in the minute before: nothing may fall between the two rules).
   */
  changeRule(id: string, changes: RuleChanges): Promise<NotificationRule | undefined>;

  /** Its deliveries go with it. False for an unknown rule. */
  removeRule(id: string): Promise<boolean>;

  findRule(id: string): Promise<StoredRule | undefined>;

  /** All of them, the oldest first. */
  listRules(): Promise<readonly NotificationRule[]>;

  /**
   * Puts into the outbox what enabled rules have to tell of launches that ended in the last `lookbackMs`, or that are
   * stalled now, and that is not there yet. Answers how many deliveries were made.
   */
  fill(lookbackMs: number): Promise<number>;

  /** The delivery that has been due for longest, but not of the rules and hosts named. Raises its `attempt`. */
  claim(request: DeliveryClaimRequest): Promise<ClaimedDelivery | undefined>;

  /** Keeps what is to be sent, so that every attempt sends the same bytes. False when the lease was lost. */
  keepBody(lease: DeliveryLease, body: string): Promise<boolean>;

  /** Ends the attempt. False when the lease was lost: somebody else has the delivery, or it is gone. */
  settle(lease: DeliveryLease, result: DeliveryResult): Promise<boolean>;

  /** The attempt was not made, or nobody knows whether it was: it is not counted and due again at once. */
  release(lease: DeliveryLease): Promise<void>;

  /** Makes a delivery due now, with all its attempts before it. It is not sent while somebody is sending it. */
  resend(id: string): Promise<ResendReply>;

  listDeliveries(query: DeliveryQuery): Promise<DeliveryPage>;

  /** Forgets deliveries that were settled for good more than `ageMs` ago. */
  prune(ageMs: number): Promise<number>;
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
  /** As kept by the first attempt. */
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
