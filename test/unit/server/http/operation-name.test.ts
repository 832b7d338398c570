import { expect, test } from 'vitest';
import { operationOf } from '@launchlog/server/http/operation-name';

test.each([
  ['get', '/admin/notifications/rules', 'list_notification_rules', 'notifications'],
  ['get', '/admin/notifications/rules/{id}', 'get_notification_rule', 'notifications'],
  ['post', '/admin/notifications/rules', 'create_notification_rule', 'notifications'],
  ['post', '/admin/notifications/rules/{id}/test', 'test_notification_rule', 'notifications'],
  ['patch', '/admin/budgets/{id}', 'update_budget', 'budgets'],
  ['get', '/admin/nodes/{id}/events', 'get_node_events', 'nodes'],
  ['get', '/admin/nodes/{id}/logs', 'get_logs', 'logs'],
  ['get', '/admin/deployments/{id}/logs/stream', 'stream_deployment_logs', 'logs'],
  ['post', '/session', 'sign_in', 'session'],
  ['post', '/session/device/token', 'create_session_device_token', 'session'],
  ['get', '/readyz', 'get_readiness', 'server'],
])('%s %s is %s of %s', (method, path, id, tag) => {
  expect(operationOf(method, path)).toMatchObject({ id, tag });
});
