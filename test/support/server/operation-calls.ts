import { ACCESS_TABLE } from '@launchlog/server/edge/access-table';
import type { AccessRule } from '@launchlog/server/edge/access-rule';
import type { ProcedureName, RestRouteName } from '@launchlog/server/edge/access-table';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { procedureFacts } from './procedure-facts.js';

interface TabledRoute {
  readonly route: RestRouteName;
  readonly rule: AccessRule;
}

interface TabledProcedure {
  readonly procedure: ProcedureName;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly rule: AccessRule;
}

/** Every REST route of the access table. */
export const TABLED_ROUTES: readonly TabledRoute[] = ACCESS_TABLE.flatMap((rule) =>
  'rest' in rule ? [{ route: rule.rest, rule }] : [],
);

/** Every procedure of the access table, with the type that the router gives it. */
export const TABLED_PROCEDURES: readonly TabledProcedure[] = (() => {
  const facts = procedureFacts(createAppRouter({} as never));
  return ACCESS_TABLE.flatMap((rule) => {
    if (!('procedure' in rule)) return [];
    const type = facts.find(({ path }) => path === rule.procedure)?.type;
    if (type === undefined) throw new Error(`the router has no procedure '${rule.procedure}'`);
    return [{ procedure: rule.procedure, type, rule }];
  });
})();

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'gpt2' };
const RULE = {
  name: 'ops',
  target: { kind: 'slack', url: 'https://hooks.slack.com/services/T/B/x' },
  events: ['launch.failed'],
};
let tokens = 0;

/** A valid input of each operation that needs one, in the words of REST. */
function bodyOf(operation: string): object | undefined {
  switch (operation) {
    case 'POST /admin/nodes/launch':
    case 'nodes.launch':
    case 'POST /admin/nodes/estimate':
    case 'nodes.estimate':
      return LAUNCH;
    case 'POST /admin/notifications/rules':
    case 'notifications.createRule':
      return RULE;
    case 'PATCH /admin/notifications/rules/{id}':
    case 'notifications.updateRule':
      return { enabled: false };
    case 'POST /admin/budgets':
      return { name: 'chat', tenant_id: 'acme', max_hourly_cost: 5 };
    case 'budgets.create':
      return { name: 'chat', tenantId: 'acme', maxHourlyCost: 5 };
    case 'PATCH /admin/budgets/{id}':
    case 'budgets.update':
      return { name: 'talk' };
    case 'POST /admin/tokens':
    case 'tokens.create':
      tokens += 1;
      return { name: `made-${tokens}`, scopes: ['read'] };
  }
  return undefined;
}

const BY_NODE_ID = new Set<ProcedureName>([
  'nodes.logs',
  'nodes.logsStream',
  'nodes.events',
  'nodes.eventsStream',
  'nodes.runtimeLogs',
]);
const BY_ID =
  /^(?:nodes\.(?:get|request|cancel|terminate|retry)|notifications\.(?:getRule|updateRule|removeRule|rotateSecret|testRule|resend)|tokens\.(?:revoke|rotate)|sessions\.end|budgets\.(?:get|update|remove))$/;

/** The parameters without which a route answers 400, or never ends. */
function queryOf(route: RestRouteName): string {
  if (route === 'GET /admin/logs/search') return '?q=x';
  if (route === 'GET /admin/metrics/phases') return '?provider=aws&gpu=A100';
  if (route === 'GET /admin/nodes/{id}/logs/export') return '?format=csv';
  return route.endsWith('logs/stream') ? '?follow=false' : '';
}

/** Path and request of a valid call of a route, for the thing of this id. */
export function restCall(
  route: RestRouteName,
  id: string,
): { readonly path: string; readonly init: RequestInit } {
  const [method = '', pattern = ''] = route.split(' ');
  const body = bodyOf(route);
  const path = pattern.replace(/\{(?:id|name)\}/, id) + queryOf(route);
  return { path, init: { method, ...(body && { body: JSON.stringify(body) }) } };
}

/** A valid input of a procedure, for the thing of this id. */
export function procedureInput(procedure: ProcedureName, id: string): object | undefined {
  const input = {
    ...bodyOf(procedure),
    ...(BY_ID.test(procedure) && { id }),
    ...(procedure === 'strays.terminate' && { name: id }),
    ...(BY_NODE_ID.has(procedure) && { nodeId: id }),
    ...(procedure === 'deployments.logsStream' && { deploymentId: id }),
    ...(procedure === 'logs.search' && { q: 'x' }),
    ...(procedure === 'metrics.phases' && { provider: 'aws', gpu: 'A100' }),
  };
  return Object.keys(input).length === 0 ? undefined : input;
}
