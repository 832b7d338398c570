import { randomUUID } from 'node:crypto';
import type { NewRule } from '@launchlog/server/notification/notification-store';

/** A rule as the service stores it; what its target is sealed with does not matter to the store. */
export function newRule(changes: Partial<NewRule> = {}): NewRule {
  return {
    id: randomUUID(),
    name: 'to the operators',
    kind: 'slack',
    host: 'hooks.slack.com',
    view: { kind: 'slack', url: 'https://hooks.slack.com/***' },
    sealedTarget: { keyId: 'key-1', bytes: Uint8Array.of(0, 1, 2, 255) },
    events: ['launch.active', 'launch.failed', 'launch.stalled', 'launch.cancelled'],
    provider: undefined,
    deploymentId: undefined,
    enabled: true,
    ...changes,
  };
}
