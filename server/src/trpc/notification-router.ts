import { z } from 'zod';
import type { AuditAction } from '@launchlog/shared/audit';
import {
  deliveryQuerySchema,
  notificationRuleInputSchema,
  notificationRulePatchSchema,
} from '@launchlog/shared/notification';
import type { AuditLog } from '../audit/audit-log.js';
import type { NotificationService } from '../notification/notification-service.js';
import { procedureFor, router } from './procedure.js';

export interface NotificationRouterServices {
  readonly notifications: Pick<NotificationService, keyof NotificationService>;
  readonly audit: Pick<AuditLog, 'around'>;
}

const ruleInput = z.strictObject({ id: z.uuid({ error: 'must be a UUID' }) });
const updateInput = notificationRulePatchSchema.extend(ruleInput.shape);

/** Rules make the server call addresses of the caller's choice: they are for administrators. */
const mayAdminister = procedureFor('admin');

export function createNotificationRouter({ notifications, audit }: NotificationRouterServices) {
  const change = <Answer>(action: AuditAction, work: (id: string) => Promise<Answer>) =>
    mayAdminister
      .input(ruleInput)
      .mutation(({ input: { id }, ctx }) =>
        audit.around(ctx.principal, { action, target: id }, () => work(id)),
      );
  return router({
    listRules: mayAdminister.query(async () => ({ rules: [...(await notifications.listRules())] })),
    getRule: mayAdminister.input(ruleInput).query(({ input }) => notifications.getRule(input.id)),
    /** `secret` is a key that was made for the rule; it is not told again. */
    createRule: mayAdminister
      .input(notificationRuleInputSchema)
      .mutation(({ input, ctx }) =>
        audit.around(
          ctx.principal,
          { action: 'notification_rule.create', targetOf: ({ rule }) => rule.id },
          () => notifications.createRule(input),
        ),
      ),
    updateRule: mayAdminister.input(updateInput).mutation(({ input, ctx }) => {
      const { id, ...patch } = input;
      return audit.around(ctx.principal, { action: 'notification_rule.update', target: id }, () =>
        notifications.updateRule(id, patch),
      );
    }),
    removeRule: change('notification_rule.remove', (id) => notifications.removeRule(id)),
    rotateSecret: change('notification_rule.rotate_secret', (id) => notifications.rotateSecret(id)),
    testRule: mayAdminister
      .input(ruleInput)
      .mutation(({ input, ctx, signal }) =>
        audit.around(ctx.principal, { action: 'notification_rule.test', target: input.id }, () =>
          notifications.test(input.id, signal ?? new AbortController().signal),
        ),
      ),
    deliveries: mayAdminister
      .input(deliveryQuerySchema.default({ limit: 100 }))
      .query(({ input }) => notifications.listDeliveries(input)),
    resend: change('notification_delivery.resend', (id) => notifications.resend(id)),
  });
}
