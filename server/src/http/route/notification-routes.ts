import { z } from '@hono/zod-openapi';
import { LaunchlogError } from '@launchlog/shared/error-code';
import {
  deliveryQuerySchema,
  notificationDeliverySchema,
  notificationRuleInputSchema,
  notificationRulePatchSchema,
  notificationRuleSchema,
  notificationTestSchema,
} from '@launchlog/shared/notification';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { AuditLog } from '../../audit/audit-log.js';
import type { NotificationService, RuleWithSecret } from '../../notification/notification-service.js';
import { readJsonBody } from '../json-body.js';
import { readQuery } from '../query-params.js';
import type { RestApp, RestCall, RestRoute } from '../rest-app.js';
import { errorResponses, jsonContent, snakeCaseSchema } from '../wire-schema.js';

export interface NotificationRouteOptions {
  readonly notifications: Pick<NotificationService, keyof NotificationService>;
  readonly audit: Pick<AuditLog, 'around'>;
  readonly bodyMaxBytes: number;
}

const RULES = '/admin/notifications/rules';
const RULE = `${RULES}/{id}`;
const DELIVERIES = '/admin/notifications/deliveries';

const wireRule = snakeCaseSchema(notificationRuleSchema).openapi('NotificationRule');
const wireRuleWithSecret = wireRule.extend({
  secret: z.string().optional().openapi({ description: 'A key that was made now; it is not told again' }),
});
const wireDelivery = snakeCaseSchema(notificationDeliverySchema).openapi('NotificationDelivery');
const wireTest = snakeCaseSchema(notificationTestSchema).openapi('NotificationTest');
const idParam = z.object({ id: z.uuid() });
const uuidSchema = z.uuid();

export function addNotificationRoutes(app: RestApp, options: NotificationRouteOptions): void {
  addRuleRoutes(app, options);
  addDeliveryRoutes(app, options);
}

function addRuleRoutes(app: RestApp, { notifications, audit, bodyMaxBytes }: NotificationRouteOptions): void {
  const maxBytes = bodyMaxBytes;
  app.add(LIST_RULES, async (call) => {
    const rules = await notifications.listRules();
    return call.context.json({ rules: rules.map(snakeCaseKeys), count: rules.length });
  });
  app.add(CREATE_RULE, async (call) => {
    const input = await readJsonBody(call.incoming, notificationRuleInputSchema, { maxBytes });
    const created = await audit.around(
      call.principal(),
      { action: 'notification_rule.create', targetOf: ({ rule }) => rule.id },
      () => notifications.createRule(input),
    );
    const Location = `${RULES}/${created.rule.id}`;
    return call.context.json(viewWithSecret(created), 201, { ...NO_STORE, Location });
  });
  app.add(GET_RULE, async (call) =>
    call.context.json(snakeCaseKeys(await notifications.getRule(ruleIdOf(call)))),
  );
  app.add(UPDATE_RULE, async (call) => {
    const id = ruleIdOf(call);
    const patch = await readJsonBody(call.incoming, notificationRulePatchSchema, { maxBytes });
    const about = { action: 'notification_rule.update', target: id } as const;
    const updated = await audit.around(call.principal(), about, () => notifications.updateRule(id, patch));
    return call.context.json(viewWithSecret(updated), 200, NO_STORE);
  });
  app.add(REMOVE_RULE, async (call) => {
    const id = ruleIdOf(call);
    const about = { action: 'notification_rule.remove', target: id } as const;
    await audit.around(call.principal(), about, () => notifications.removeRule(id));
    return call.context.body(null, 204);
  });
  app.add(ROTATE_SECRET, async (call) => {
    const id = ruleIdOf(call);
    const about = { action: 'notification_rule.rotate_secret', target: id } as const;
    const rotated = await audit.around(call.principal(), about, () => notifications.rotateSecret(id));
    return call.context.json(viewWithSecret(rotated), 200, NO_STORE);
  });
  app.add(TEST_RULE, async (call) => {
    const id = ruleIdOf(call);
    const about = { action: 'notification_rule.test', target: id } as const;
    const { signal } = call.context.req.raw;
    const tested = await audit.around(call.principal(), about, () => notifications.test(id, signal));
    return call.context.json(snakeCaseKeys(tested));
  });
}

function addDeliveryRoutes(app: RestApp, { notifications, audit }: NotificationRouteOptions): void {
  app.add(LIST_DELIVERIES, async (call) => {
    const page = await notifications.listDeliveries(readQuery(deliveryQuerySchema, call.query));
    return call.context.json({
      deliveries: page.deliveries.map(snakeCaseKeys),
      count: page.deliveries.length,
      ...(page.nextCursor === undefined ? {} : { next_cursor: page.nextCursor }),
    });
  });
  app.add(RESEND, async (call) => {
    const id = deliveryIdOf(call);
    const about = { action: 'notification_delivery.resend', target: id } as const;
    const due = await audit.around(call.principal(), about, () => notifications.resend(id));
    return call.context.json(snakeCaseKeys(due), 202);
  });
}

const NO_STORE = { 'Cache-Control': 'no-store' };
const BODY_ERRORS = ['invalid_request', 'invalid_json', 'missing_admin_token', 'payload_too_large'] as const;

const LIST_RULES: RestRoute = {
  method: 'get',
  path: RULES,
  scope: 'admin',
  summary: 'List the notification rules, the oldest first',
  responses: {
    200: jsonContent('All of them', z.object({ rules: z.array(wireRule), count: z.int() })),
    ...errorResponses('missing_admin_token'),
  },
};
const CREATE_RULE: RestRoute = {
  method: 'post',
  path: RULES,
  scope: 'admin',
  summary: 'Add a notification rule',
  description: 'A webhook without `secrets` gets a signing key, which is in this answer and in no other.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(notificationRuleInputSchema) } },
    },
  },
  responses: {
    201: jsonContent('The rule; Location names it', wireRuleWithSecret),
    ...errorResponses(...BODY_ERRORS, 'conflict'),
  },
};
const GET_RULE: RestRoute = {
  method: 'get',
  path: RULE,
  scope: 'admin',
  summary: 'One notification rule',
  request: { params: idParam },
  responses: {
    200: jsonContent('The rule; its URL is masked', wireRule),
    ...errorResponses('missing_admin_token', 'not_found'),
  },
};
const UPDATE_RULE: RestRoute = {
  ...GET_RULE,
  method: 'patch',
  summary: 'Change a notification rule',
  description: 'Fields that are absent stay; `null` takes a filter away; a target is replaced whole.',
  request: {
    params: idParam,
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(notificationRulePatchSchema) } },
    },
  },
  responses: {
    200: jsonContent('The rule', wireRuleWithSecret),
    ...errorResponses(...BODY_ERRORS, 'not_found'),
  },
};
const REMOVE_RULE: RestRoute = {
  ...GET_RULE,
  method: 'delete',
  summary: 'Remove a notification rule and its deliveries',
  responses: { 204: { description: 'Removed' }, ...errorResponses('missing_admin_token', 'not_found') },
};
const ROTATE_SECRET: RestRoute = {
  ...GET_RULE,
  method: 'post',
  path: `${RULE}/rotate-secret`,
  summary: 'Give a webhook a new signing key',
  description: 'The present keys go on signing beside it for 24 hours.',
  responses: {
    200: jsonContent('The rule and the new key', wireRuleWithSecret),
    ...errorResponses('missing_admin_token', 'not_found', 'conflict'),
  },
};
const TEST_RULE: RestRoute = {
  ...GET_RULE,
  method: 'post',
  path: `${RULE}/test`,
  summary: 'Send a test notification now',
  responses: {
    200: jsonContent('What the receiver answered', wireTest),
    ...errorResponses('missing_admin_token', 'not_found', 'conflict', 'rate_limited'),
  },
};
const LIST_DELIVERIES: RestRoute = {
  method: 'get',
  path: DELIVERIES,
  scope: 'admin',
  summary: 'What was sent, waits or was given up, the newest first',
  request: { query: snakeCaseSchema(deliveryQuerySchema) },
  responses: {
    200: jsonContent(
      'One page',
      z.object({ deliveries: z.array(wireDelivery), count: z.int(), next_cursor: z.string().optional() }),
    ),
    ...errorResponses('invalid_request', 'missing_admin_token'),
  },
};
const RESEND: RestRoute = {
  method: 'post',
  path: `${DELIVERIES}/{id}/resend`,
  scope: 'admin',
  summary: 'Send a notification again, or now instead of later',
  description: 'With the same id, so that the receiver can tell.',
  request: { params: idParam },
  responses: {
    202: jsonContent('The delivery', wireDelivery),
    ...errorResponses('missing_admin_token', 'not_found', 'conflict'),
  },
};

function viewWithSecret({ rule, secret }: RuleWithSecret): object {
  return { ...snakeCaseKeys(rule), ...(secret === undefined ? {} : { secret }) };
}

function ruleIdOf(call: RestCall): string {
  return idOf(call, 'notification rule not found');
}

function deliveryIdOf(call: RestCall): string {
  return idOf(call, 'notification delivery not found');
}

/** What is no id is the id of nothing. */
function idOf(call: RestCall, problem: string): string {
  const id = uuidSchema.safeParse(call.param('id'));
  if (!id.success) throw new LaunchlogError('not_found', problem);
  return id.data;
}
