import { z } from '@hono/zod-openapi';
import {
  deliveryQuerySchema,
  notificationDeliverySchema,
  notificationRuleInputSchema,
  notificationRulePatchSchema,
  notificationRuleSchema,
  notificationTestSchema,
} from '@launchlog/shared/notification';
import type { RuleWithSecret } from '@launchlog/shared/notification';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { AuditedNotifications } from '../../audit/audited-notifications.js';
import { parseId } from '../../edge/input-problem.js';
import { readJsonBody } from '../json-body.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestCall, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface NotificationRouteOptions {
  readonly notifications: Pick<AuditedNotifications, keyof AuditedNotifications>;
  readonly bodyMaxBytes: number;
}

const wireRule = snakeCaseSchema(notificationRuleSchema).openapi('NotificationRule');
const wireRuleWithSecret = wireRule.extend({
  secret: z
    .string()
    .optional()
    .openapi({ description: 'The key that was generated now; no other answer holds it' }),
});
const wireDelivery = snakeCaseSchema(notificationDeliverySchema).openapi('NotificationDelivery');
const wireTest = snakeCaseSchema(notificationTestSchema).openapi('NotificationTest');
const idParam = z.object({ id: z.uuid() });

export function addNotificationRoutes(app: RestApp, options: NotificationRouteOptions): void {
  addRuleRoutes(app, options);
  addDeliveryRoutes(app, options);
}

function addRuleRoutes(app: RestApp, { notifications, bodyMaxBytes }: NotificationRouteOptions): void {
  const maxBytes = bodyMaxBytes;
  app.add(LIST_RULES, async (call) => {
    const rules = await notifications.listRules();
    return call.context.json({ rules: rules.map(snakeCaseKeys), count: rules.length });
  });
  app.add(CREATE_RULE, async (call) => {
    const input = await readJsonBody(call.incoming, notificationRuleInputSchema, { maxBytes });
    const created = await notifications.createRule(call.principal(), input);
    const Location = `/admin/notifications/rules/${created.rule.id}`;
    return call.context.json(viewWithSecret(created), 201, { Location });
  });
  app.add(GET_RULE, async (call) =>
    call.context.json(snakeCaseKeys(await notifications.getRule(ruleIdOf(call)))),
  );
  app.add(UPDATE_RULE, async (call) => {
    const id = ruleIdOf(call);
    const patch = await readJsonBody(call.incoming, notificationRulePatchSchema, { maxBytes });
    const updated = await notifications.updateRule(call.principal(), id, patch);
    return call.context.json(viewWithSecret(updated));
  });
  app.add(REMOVE_RULE, async (call) => {
    await notifications.removeRule(call.principal(), ruleIdOf(call));
    return call.context.body(null, 204);
  });
  app.add(ROTATE_SECRET, async (call) => {
    const rotated = await notifications.rotateSecret(call.principal(), ruleIdOf(call));
    return call.context.json(viewWithSecret(rotated));
  });
  app.add(TEST_RULE, async (call) => {
    const { signal } = call.context.req.raw;
    const tested = await notifications.test(call.principal(), ruleIdOf(call), signal);
    return call.context.json(snakeCaseKeys(tested));
  });
}

function addDeliveryRoutes(app: RestApp, { notifications }: NotificationRouteOptions): void {
  app.add(LIST_DELIVERIES, async (call) => {
    const page = await notifications.listDeliveries(readQuery(deliveryQuerySchema, call.query));
    return call.context.json({
      deliveries: page.deliveries.map(snakeCaseKeys),
      count: page.deliveries.length,
      ...(page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor }),
    });
  });
  app.add(RESEND, async (call) => {
    const delivery = await notifications.resend(call.principal(), deliveryIdOf(call));
    return call.context.json(snakeCaseKeys(delivery), 202);
  });
}

const BODY_ERRORS = ['invalid_request', 'invalid_json', 'payload_too_large'] as const;

const LIST_RULES: RestRoute = {
  route: 'GET /admin/notifications/rules',
  summary: 'List the notification rules, oldest first',
  responses: {
    200: jsonContent('All rules', z.object({ rules: z.array(wireRule), count: z.int() })),
  },
};
const CREATE_RULE: RestRoute = {
  route: 'POST /admin/notifications/rules',
  summary: 'Add a notification rule',
  description: 'A webhook without `secrets` gets a signing key, which only this answer holds.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(notificationRuleInputSchema) } },
    },
  },
  responses: {
    201: jsonContent('The rule; Location names it', wireRuleWithSecret),
  },
  errors: [...BODY_ERRORS, 'conflict'],
};
const GET_RULE: RestRoute = {
  route: 'GET /admin/notifications/rules/{id}',
  summary: 'One notification rule',
  request: { params: idParam },
  responses: {
    200: jsonContent('The rule; its URL is masked', wireRule),
  },
  errors: ['not_found'],
};
const UPDATE_RULE: RestRoute = {
  ...GET_RULE,
  route: 'PATCH /admin/notifications/rules/{id}',
  summary: 'Change a notification rule',
  description: 'Absent fields keep their value; `null` removes a filter; a target is replaced as a whole.',
  request: {
    params: idParam,
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(notificationRulePatchSchema) } },
    },
  },
  responses: {
    200: jsonContent('The rule', wireRuleWithSecret),
  },
  errors: [...BODY_ERRORS, 'not_found'],
};
const REMOVE_RULE: RestRoute = {
  ...GET_RULE,
  route: 'DELETE /admin/notifications/rules/{id}',
  summary: 'Remove a notification rule and its deliveries',
  responses: { 204: { description: 'Removed' } },
  errors: ['not_found'],
};
const ROTATE_SECRET: RestRoute = {
  ...GET_RULE,
  route: 'POST /admin/notifications/rules/{id}/rotate-secret',
  summary: 'Give a webhook a new signing key',
  description: 'The previous keys also sign for another 24 hours.',
  responses: {
    200: jsonContent('The rule and the new key', wireRuleWithSecret),
  },
  errors: ['not_found', 'conflict'],
};
const TEST_RULE: RestRoute = {
  ...GET_RULE,
  route: 'POST /admin/notifications/rules/{id}/test',
  summary: 'Send a test notification now',
  responses: {
    200: jsonContent('What the receiver answered', wireTest),
  },
  errors: ['not_found', 'conflict'],
};
const LIST_DELIVERIES: RestRoute = {
  route: 'GET /admin/notifications/deliveries',
  summary: 'List deliveries (sent, pending or given up), newest first',
  request: { query: snakeCaseSchema(deliveryQuerySchema) },
  responses: {
    200: jsonContent(
      'One page',
      z.object({ deliveries: z.array(wireDelivery), count: z.int(), next_cursor: z.string().optional() }),
    ),
  },
  errors: ['invalid_request'],
};
const RESEND: RestRoute = {
  route: 'POST /admin/notifications/deliveries/{id}/resend',
  summary: 'Send a notification again, or send a pending one now',
  description: 'Keeps its id, so that the receiver can recognize a duplicate.',
  request: { params: idParam },
  responses: {
    202: jsonContent('The delivery', wireDelivery),
  },
  errors: ['not_found', 'conflict'],
};

function viewWithSecret({ rule, secret }: RuleWithSecret): object {
  return { ...snakeCaseKeys(rule), ...(secret === undefined ? {} : { secret }) };
}

function ruleIdOf(call: RestCall): string {
  return parseId('notification rule', call.param('id'));
}

function deliveryIdOf(call: RestCall): string {
  return parseId('notification delivery', call.param('id'));
}
