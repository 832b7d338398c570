import { z } from 'zod';
import {
  deliveryQuerySchema,
  notificationRuleInputSchema,
  notificationRulePatchSchema,
} from '@launchlog/shared/notification';
import type { NotificationService } from '../notification/notification-service.js';
import { procedureFor, router } from './procedure.js';

export interface NotificationRouterServices {
  readonly notifications: Pick<NotificationService, keyof NotificationService>;
}

const ruleInput = z.strictObject({ id: z.uuid({ error: 'must be a UUID' }) });
const updateInput = notificationRulePatchSchema.extend(ruleInput.shape);

/** Rules make the server call addresses of the caller's choice: they are for administrators. */
const mayAdminister = procedureFor('admin');

export function createNotificationRouter({ notifications }: NotificationRouterServices) {
  return router({
    listRules: mayAdminister.query(async () => ({ rules: [...(await notifications.listRules())] })),
    getRule: mayAdminister.input(ruleInput).query(({ input }) => notifications.getRule(input.id)),
    /** `secret` is a key that was made for the rule; it is not told again. */
    createRule: mayAdminister
      .input(notificationRuleInputSchema)
      .mutation(({ input }) => notifications.createRule(input)),
    updateRule: mayAdminister.input(updateInput).mutation(({ input }) => {
      const { id, ...patch } = input;
      return notifications.updateRule(id, patch);
    }),
    removeRule: mayAdminister.input(ruleInput).mutation(({ input }) => notifications.removeRule(input.id)),
    rotateSecret: mayAdminister
      .input(ruleInput)
      .mutation(({ input }) => notifications.rotateSecret(input.id)),
    testRule: mayAdminister
      .input(ruleInput)
      .mutation(({ input, signal }) => notifications.test(input.id, signal ?? new AbortController().signal)),
    deliveries: mayAdminister
      .input(deliveryQuerySchema.default({ limit: 100 }))
      .query(({ input }) => notifications.listDeliveries(input)),
    resend: mayAdminister.input(ruleInput).mutation(({ input }) => notifications.resend(input.id)),
  });
}
