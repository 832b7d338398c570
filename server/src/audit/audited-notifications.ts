import type {
  DeliveryPage,
  DeliveryQuery,
  NotificationDelivery,
  NotificationRule,
  NotificationRuleInput,
  NotificationRulePatch,
  NotificationTest,
  RuleWithSecret,
} from '@launchlog/shared/notification';
import type { AuditLog } from './audit-log.js';
import type { NotificationService } from '../notification/notification-service.js';
import type { Principal } from '../principal.js';

interface AuditedNotificationsOptions {
  readonly service: Pick<NotificationService, keyof NotificationService>;
  readonly audit: Pick<AuditLog, 'around'>;
}

/** The use cases of notifications as both edges offer them: every change leaves an entry in the audit trail. */
export class AuditedNotifications {
  readonly #service: AuditedNotificationsOptions['service'];
  readonly #audit: AuditedNotificationsOptions['audit'];

  constructor({ service, audit }: AuditedNotificationsOptions) {
    this.#service = service;
    this.#audit = audit;
  }

  listRules(): Promise<readonly NotificationRule[]> {
    return this.#service.listRules();
  }

  getRule(id: string): Promise<NotificationRule> {
    return this.#service.getRule(id);
  }

  createRule(by: Principal, input: NotificationRuleInput): Promise<RuleWithSecret> {
    const targetOf = ({ rule }: RuleWithSecret): string => rule.id;
    return this.#audit.around(by, { action: 'notification_rule.create', targetOf }, () =>
      this.#service.createRule(input),
    );
  }

  updateRule(by: Principal, id: string, patch: NotificationRulePatch): Promise<RuleWithSecret> {
    return this.#audit.around(by, { action: 'notification_rule.update', target: id }, () =>
      this.#service.updateRule(id, patch),
    );
  }

  removeRule(by: Principal, id: string): Promise<void> {
    return this.#audit.around(by, { action: 'notification_rule.remove', target: id }, () =>
      this.#service.removeRule(id),
    );
  }

  rotateSecret(by: Principal, id: string): Promise<RuleWithSecret> {
    return this.#audit.around(by, { action: 'notification_rule.rotate_secret', target: id }, () =>
      this.#service.rotateSecret(id),
    );
  }

  test(by: Principal, id: string, signal: AbortSignal): Promise<NotificationTest> {
    return this.#audit.around(by, { action: 'notification_rule.test', target: id }, () =>
      this.#service.test(id, signal),
    );
  }

  listDeliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#service.listDeliveries(query);
  }

  resend(by: Principal, id: string): Promise<NotificationDelivery> {
    return this.#audit.around(by, { action: 'notification_delivery.resend', target: id }, () =>
      this.#service.resend(id),
    );
  }
}
