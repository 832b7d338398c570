import { z } from '@hono/zod-openapi';
import type { Budget } from '@launchlog/shared/cost/budget';
import { budgetInputSchema, budgetPatchSchema, budgetSchema } from '@launchlog/shared/cost/budget';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import type { BudgetService } from '../../budget/budget-service.js';
import { parseId } from '../../edge/input-problem.js';
import { readJsonBody } from '../json-body.js';
import type { RestApp, RestCall, RestRoute } from '../rest-app.js';
import { jsonContent, snakeCaseSchema } from '../wire-schema.js';

interface BudgetRouteOptions {
  readonly budgets: Pick<BudgetService, keyof BudgetService>;
}

const BODY_MAX_BYTES = 16_384;
const wireBudget = snakeCaseSchema(budgetSchema).openapi('Budget');
const params = z.object({ id: z.uuid() });
const answer = { 200: jsonContent('The budget', wireBudget) };

/** Budgets: limits of the hourly cost of tenants and deployments. */
export function addBudgetRoutes(app: RestApp, { budgets }: BudgetRouteOptions): void {
  app.add(LIST, async (call) => {
    const listed = await budgets.list();
    return call.context.json({ budgets: listed.map(snakeCaseKeys), count: listed.length });
  });
  app.add(CREATE, async (call) => {
    const input = await readJsonBody(call.incoming, budgetInputSchema, { maxBytes: BODY_MAX_BYTES });
    return show(call, await budgets.create(call.principal(), input), 201);
  });
  app.add(GET, async (call) => show(call, await budgets.get(idOf(call))));
  app.add(UPDATE, async (call) => {
    const patch = await readJsonBody(call.incoming, budgetPatchSchema, { maxBytes: BODY_MAX_BYTES });
    return show(call, await budgets.update(call.principal(), idOf(call), patch));
  });
  app.add(REMOVE, async (call) => {
    await budgets.remove(call.principal(), idOf(call));
    return call.context.body(null, 204);
  });
}

function idOf(call: RestCall): string {
  return parseId('budget', call.param('id'));
}

function show(call: RestCall, budget: Budget, status: 200 | 201 = 200): Response {
  return call.context.json(snakeCaseKeys(budget), status);
}

const LIST: RestRoute = {
  route: 'GET /admin/budgets',
  summary: 'List the budgets and what runs in each, the oldest first',
  responses: { 200: jsonContent('All budgets', z.object({ budgets: z.array(wireBudget), count: z.int() })) },
};
const CREATE: RestRoute = {
  route: 'POST /admin/budgets',
  summary: 'Limit what a tenant or deployment costs per hour',
  description:
    'A launch that would exceed it is answered with 409 `budget_exceeded`. What runs is left alone.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(budgetInputSchema) } },
    },
  },
  responses: { 201: jsonContent('The budget', wireBudget) },
  errors: ['invalid_request', 'invalid_json', 'payload_too_large'],
};
const GET: RestRoute = {
  route: 'GET /admin/budgets/{id}',
  summary: 'One budget',
  request: { params },
  responses: answer,
  errors: ['not_found'],
};
const UPDATE: RestRoute = {
  route: 'PATCH /admin/budgets/{id}',
  summary: 'Change the name or the limit of a budget',
  request: {
    params,
    body: {
      required: true,
      content: { 'application/json': { schema: snakeCaseSchema(budgetPatchSchema) } },
    },
  },
  responses: answer,
  errors: ['invalid_request', 'invalid_json', 'not_found', 'payload_too_large'],
};
const REMOVE: RestRoute = {
  route: 'DELETE /admin/budgets/{id}',
  summary: 'Remove a budget',
  request: { params },
  responses: { 204: { description: 'It is removed' } },
  errors: ['not_found'],
};
