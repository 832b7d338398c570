import { z } from 'zod';
import {
  deliveryQuerySchema,
  notificationRuleInputSchema,
  notificationRulePatchSchema,
} from '@launchlog/shared/notification';
import type { AuditedNotifications } from '../audit/audited-notifications.js';
import { parseId } from '../edge/input-problem.js';
import { procedureFor, router } from './procedure.js';

export interface NotificationRouterServices {
  readonly notifications: Pick<AuditedNotifications, keyof AuditedNotifications>;
}

const idInput = z.strictObject({ id: z.string({ error: 'must be a string' }) });
const updateInput = notificationRulePatchSchema.extend(idInput.shape);

export function createNotificationRouter({ notifications }: NotificationRouterServices) {
  return router({
    listRules: procedureFor('notifications.listRules').query(async () => ({
      rules: [...(await notifications.listRules())],
    })),
    getRule: procedureFor('notifications.getRule')
      .input(idInput)
      .query(({ input }) => notifications.getRule(ruleId(input.id))),
    /** `secret` is the key that was generated for the rule; no other answer holds it. */
    createRule: procedureFor('notifications.createRule')
      .input(notificationRuleInputSchema)
      .mutation(({ input, ctx }) => notifications.createRule(ctx.principal, input)),
    updateRule: procedureFor('notifications.updateRule')
      .input(updateInput)
      .mutation(({ input: { id, ...patch }, ctx }) =>
        notifications.updateRule(ctx.principal, ruleId(id), patch),
      ),
    removeRule: procedureFor('notifications.removeRule')
      .input(idInput)
      .mutation(({ input, ctx }) => notifications.removeRule(ctx.principal, ruleId(input.id))),
    rotateSecret: procedureFor('notifications.rotateSecret')
      .input(idInput)
      .mutation(({ input, ctx }) => notifications.rotateSecret(ctx.principal, ruleId(input.id))),
    testRule: procedureFor('notifications.testRule')
      .input(idInput)
      .mutation(({ input, ctx, signal = new AbortController().signal }) =>
        notifications.test(ctx.principal, ruleId(input.id), signal),
      ),
    deliveries: procedureFor('notifications.deliveries')
      .input(deliveryQuerySchema.default({ limit: 100 }))
      .query(({ input }) => notifications.listDeliveries(input)),
    resend: procedureFor('notifications.resend')
      .input(idInput)
      .mutation(({ input, ctx }) =>
        notifications.resend(ctx.principal, parseId('notification delivery', input.id)),
      ),
  });
}

function ruleId(id: string): string {
  return parseId('notification rule', id);
}
