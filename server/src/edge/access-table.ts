import type { AccessRow, AccessRule } from './access-rule.js';
import { OPEN_OPERATIONS } from './open-operations.js';

/**
 * Every operation of both edges. A route or procedure cannot be registered without a row, and a test fails for a row without
 * a route or procedure: a new operation is one row here and one handler at each edge.
 *
 * Handlers parse their own input.
 */
export const ACCESS_TABLE = [
  {
    rest: 'POST /admin/nodes/launch',
    procedure: 'nodes.launch',
    scope: 'nodes:write',
    bound: 'own',
    limit: 'launches',
    audited: 'node.launch',
  },
  {
    rest: 'POST /admin/nodes/estimate',
    procedure: 'nodes.estimate',
    scope: 'nodes:read',
    bound: 'own',
    limit: 'heavy_reads',
  },
  { rest: 'GET /admin/nodes', procedure: 'nodes.list', scope: 'nodes:read', bound: 'own' },
  { rest: 'GET /admin/nodes/{id}', procedure: 'nodes.get', scope: 'nodes:read', bound: 'own' },
  { rest: 'GET /admin/nodes/{id}/request', procedure: 'nodes.request', scope: 'nodes:read', bound: 'own' },
  { rest: 'GET /admin/nodes/{id}/status', scope: 'nodes:read', bound: 'own' },
  {
    rest: 'POST /admin/nodes/{id}/cancel',
    procedure: 'nodes.cancel',
    scope: 'nodes:write',
    bound: 'own',
    audited: 'node.cancel',
  },
  {
    rest: 'POST /admin/nodes/{id}/terminate',
    procedure: 'nodes.terminate',
    scope: 'nodes:write',
    bound: 'own',
    audited: 'node.terminate',
  },
  {
    rest: 'POST /admin/nodes/{id}/retry',
    procedure: 'nodes.retry',
    scope: 'nodes:write',
    bound: 'own',
    limit: 'launches',
    audited: 'node.retry',
  },
  { rest: 'GET /admin/nodes/{id}/events', procedure: 'nodes.events', scope: 'nodes:read', bound: 'own' },
  {
    rest: 'GET /admin/nodes/{id}/events/stream',
    procedure: 'nodes.eventsStream',
    scope: 'nodes:read',
    bound: 'own',
    limit: 'streams',
  },
  { procedure: 'nodes.watch', scope: 'nodes:read', bound: 'own', limit: 'streams' },
  /** Over REST the page can be downloaded as a file, which is audited as `log.export`. */
  {
    rest: 'GET /admin/nodes/{id}/logs',
    procedure: 'nodes.logs',
    scope: 'logs:read',
    bound: 'own',
    limit: 'log_pages',
  },
  {
    rest: 'GET /admin/nodes/{id}/logs/export',
    scope: 'logs:read',
    bound: 'own',
    audited: 'log.export',
  },
  { rest: 'POST /admin/nodes/{id}/logs/ticket', scope: 'logs:read', bound: 'own' },
  {
    rest: 'GET /admin/nodes/{id}/logs/stream',
    procedure: 'nodes.logsStream',
    scope: 'logs:read',
    bound: 'own',
    limit: 'streams',
  },
  {
    rest: 'GET /admin/nodes/{id}/runtime-logs/stream',
    procedure: 'nodes.runtimeLogs',
    scope: 'logs:read',
    bound: 'own',
    limit: 'streams',
  },
  {
    rest: 'GET /admin/deployments/{id}/logs/stream',
    procedure: 'deployments.logsStream',
    scope: 'logs:read',
    bound: 'own',
    limit: 'streams',
  },
  {
    rest: 'GET /admin/logs/stream',
    procedure: 'logs.streamAll',
    scope: 'logs:read',
    bound: 'own',
    limit: 'streams',
  },
  {
    rest: 'GET /admin/logs/search',
    procedure: 'logs.search',
    scope: 'logs:read',
    bound: 'own',
    limit: 'searches',
  },
  {
    rest: 'GET /admin/metrics/launches',
    procedure: 'metrics.launches',
    scope: 'nodes:read',
    bound: 'own',
    limit: 'heavy_reads',
  },
  {
    rest: 'GET /admin/metrics/phases',
    procedure: 'metrics.phases',
    scope: 'nodes:read',
    bound: 'own',
    limit: 'heavy_reads',
  },

  /** Rules make the server call addresses of the caller's choice: they are for administrators. */
  {
    rest: 'GET /admin/notifications/rules',
    procedure: 'notifications.listRules',
    scope: 'admin',
    bound: 'refused',
  },
  {
    rest: 'POST /admin/notifications/rules',
    procedure: 'notifications.createRule',
    scope: 'admin',
    bound: 'refused',
    audited: 'notification_rule.create',
  },
  {
    rest: 'GET /admin/notifications/rules/{id}',
    procedure: 'notifications.getRule',
    scope: 'admin',
    bound: 'refused',
  },
  {
    rest: 'PATCH /admin/notifications/rules/{id}',
    procedure: 'notifications.updateRule',
    scope: 'admin',
    bound: 'refused',
    audited: 'notification_rule.update',
  },
  {
    rest: 'DELETE /admin/notifications/rules/{id}',
    procedure: 'notifications.removeRule',
    scope: 'admin',
    bound: 'refused',
    audited: 'notification_rule.remove',
  },
  {
    rest: 'POST /admin/notifications/rules/{id}/rotate-secret',
    procedure: 'notifications.rotateSecret',
    scope: 'admin',
    bound: 'refused',
    audited: 'notification_rule.rotate_secret',
  },
  {
    rest: 'POST /admin/notifications/rules/{id}/test',
    procedure: 'notifications.testRule',
    scope: 'admin',
    bound: 'refused',
    limit: 'test_messages',
    audited: 'notification_rule.test',
  },
  {
    rest: 'GET /admin/notifications/deliveries',
    procedure: 'notifications.deliveries',
    scope: 'admin',
    bound: 'refused',
    limit: 'heavy_reads',
  },
  {
    rest: 'POST /admin/notifications/deliveries/{id}/resend',
    procedure: 'notifications.resend',
    scope: 'admin',
    bound: 'refused',
    audited: 'notification_delivery.resend',
  },

  /** What may run is for administrators to say. */
  { rest: 'GET /admin/budgets', procedure: 'budgets.list', scope: 'admin', bound: 'refused' },
  {
    rest: 'POST /admin/budgets',
    procedure: 'budgets.create',
    scope: 'admin',
    bound: 'refused',
    audited: 'budget.create',
  },
  { rest: 'GET /admin/budgets/{id}', procedure: 'budgets.get', scope: 'admin', bound: 'refused' },
  {
    rest: 'PATCH /admin/budgets/{id}',
    procedure: 'budgets.update',
    scope: 'admin',
    bound: 'refused',
    audited: 'budget.update',
  },
  {
    rest: 'DELETE /admin/budgets/{id}',
    procedure: 'budgets.remove',
    scope: 'admin',
    bound: 'refused',
    audited: 'budget.remove',
  },
  { rest: 'GET /admin/strays', procedure: 'strays.list', scope: 'admin', bound: 'refused' },
  {
    rest: 'POST /admin/strays/{name}/terminate',
    procedure: 'strays.terminate',
    scope: 'admin',
    bound: 'refused',
    audited: 'stray.terminate',
  },

  { rest: 'GET /admin/tokens', procedure: 'tokens.list', scope: 'admin', bound: 'refused' },
  {
    rest: 'POST /admin/tokens',
    procedure: 'tokens.create',
    scope: 'admin',
    bound: 'refused',
    audited: 'token.create',
  },
  {
    rest: 'DELETE /admin/tokens/{id}',
    procedure: 'tokens.revoke',
    scope: 'admin',
    bound: 'refused',
    audited: 'token.revoke',
  },
  {
    rest: 'POST /admin/tokens/{id}/rotate',
    procedure: 'tokens.rotate',
    scope: 'admin',
    bound: 'refused',
    audited: 'token.rotate',
  },
  { rest: 'GET /admin/whoami', procedure: 'sessions.whoami', scope: 'any', bound: 'own' },
  /** Each caller sees its own sessions; an administrator sees all. */
  { rest: 'GET /admin/sessions', procedure: 'sessions.list', scope: 'nodes:read', bound: 'own' },
  {
    rest: 'DELETE /admin/sessions/{id}',
    procedure: 'sessions.end',
    scope: 'nodes:read',
    bound: 'own',
    audited: 'session.end',
  },
  { rest: 'GET /admin/doctor', procedure: 'doctor.report', scope: 'admin', bound: 'refused' },
  {
    rest: 'GET /admin/audit',
    procedure: 'audit.list',
    scope: 'admin',
    bound: 'refused',
    limit: 'heavy_reads',
  },
  /** Each slice of the file takes its turn among the heavy reads, so that a slow reader does not block the others. */
  { rest: 'GET /admin/audit/export', scope: 'admin', bound: 'refused', audited: 'audit.export' },

  ...OPEN_OPERATIONS,
] as const satisfies readonly AccessRow[];

type Row = (typeof ACCESS_TABLE)[number];
export type RestRouteName = Extract<Row, { readonly rest: string }>['rest'];
export type ProcedureName = Extract<Row, { readonly procedure: string }>['procedure'];

const ROWS: readonly AccessRow[] = ACCESS_TABLE;
const byName = new Map<string, AccessRow>(
  ROWS.flatMap((row) => [row.rest, row.procedure].map((name) => [name ?? '', row] as const)),
);
byName.delete('');

/** The rule for a REST route or a tRPC procedure. Throws for a name without a row, so that the server does not start. */
export function accessTo(operation: RestRouteName | ProcedureName): AccessRule {
  const row = byName.get(operation);
  if (row === undefined) throw new Error(`'${operation}' has no row in the access table`);
  return row;
}

/** Every procedure that has a row. */
export function tabledProcedures(): readonly ProcedureName[] {
  return ACCESS_TABLE.flatMap((row) => ('procedure' in row ? [row.procedure] : []));
}
