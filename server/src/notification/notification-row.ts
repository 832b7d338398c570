import { PROVIDERS } from '@launchlog/shared/launch-request';
import {
  DELIVERY_STATUSES,
  NOTIFICATION_EVENTS,
  NOTIFICATION_TARGETS,
  notificationTargetViewSchema,
} from '@launchlog/shared/notification';
import type { NotificationDelivery, NotificationRule } from '@launchlog/shared/notification';
import type { SealedSecrets } from '../database/secret-box.js';
import { WordFields } from '../database/unknown-words.js';
import type { DeliveryRow, RuleRow } from './notification-table.js';

export const RULE_WORDS = new WordFields('notification_rules', {
  targetKind: NOTIFICATION_TARGETS,
  events: NOTIFICATION_EVENTS,
  provider: PROVIDERS,
});
export const DELIVERY_WORDS = new WordFields('notification_deliveries', {
  event: NOTIFICATION_EVENTS,
  status: DELIVERY_STATUSES,
});

/** The row as callers may see it. */
export function ruleOf(row: RuleRow): NotificationRule {
  return {
    id: row.id,
    name: row.name,
    target: targetViewOf(row),
    events: Array.isArray(row.events) ? row.events : [],
    ...(row.provider !== null && { provider: row.provider }),
    ...(row.deploymentId !== null && { deploymentId: row.deploymentId }),
    enabled: row.enabled,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** JSON that another program wrote may have any shape. */
function targetViewOf({ targetKind, targetHost, targetView }: RuleRow): NotificationRule['target'] {
  if (notificationTargetViewSchema.safeParse(targetView).success) return targetView;
  return { kind: targetKind, url: `https://${targetHost}` } as NotificationRule['target'];
}

export function sealedTargetOf(row: Pick<RuleRow, 'targetKeyId' | 'sealedTarget'>): SealedSecrets {
  return { keyId: row.targetKeyId, bytes: row.sealedTarget };
}

/** Whether an event concerns a launch or a node; every other one is a notice. */
export function isAboutNode(event: string): boolean {
  return event.startsWith('launch.') || event.startsWith('node.');
}

export function deliveryOf(row: DeliveryRow): NotificationDelivery {
  const waiting = row.status === 'pending' || row.status === 'failed';
  return {
    id: row.id,
    ruleId: row.ruleId,
    ...(isAboutNode(row.event) && { nodeId: row.nodeId }),
    event: row.event,
    status: row.status,
    attempt: row.attempt,
    ...(waiting && { nextAttemptAt: row.nextAttemptAt.toISOString() }),
    ...(row.responseStatus !== null && { responseStatus: row.responseStatus }),
    ...(row.error !== null && { error: row.error }),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    ...(row.deliveredAt !== null && { deliveredAt: row.deliveredAt.toISOString() }),
  };
}
