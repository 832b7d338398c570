import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerEdge } from '../../support/server/server-edge.js';

let edge: ServerEdge;
beforeAll(async () => {
  edge = await ServerEdge.start();
});
afterAll(() => edge.close());

/** What describes a field further, and names none. */
const WITHIN_A_FIELD = /^(?:\d+|(?:any|all|one)Of|items|additionalProperties)$/;

/** Every name of a field that is a number of the given type, where the document describes one. */
function namesOf(type: 'integer' | 'number', value: unknown, name = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value) && 'type' in value && value.type === type) return [name];
  return Object.entries(value).flatMap(([key, inner]) =>
    namesOf(type, inner, WITHIN_A_FIELD.test(key) ? name : key),
  );
}

test('counts and numbers of entries are whole, and these may have a fraction', async () => {
  const document: unknown = await (await edge.fetch('/openapi.json')).json();
  expect([...new Set(namesOf('number', document))].toSorted()).toMatchInlineSnapshot(`
    [
      "active",
      "average",
      "cost_per_useful_hour",
      "cost_until_active",
      "details",
      "expires_in",
      "failed",
      "gpu_memory_utilization",
      "health_check",
      "hourly",
      "hourly_cost",
      "installing",
      "instance_ready",
      "interval",
      "max_hourly_cost",
      "mean_seconds_to_loss",
      "median",
      "model_loading",
      "p50",
      "p95",
      "preemption_rate",
      "price",
      "price_per_hour",
      "provisioning",
      "queued",
      "rate",
      "seconds",
      "seconds_until_active",
      "start",
      "success_rate",
      "total",
      "uptime",
    ]
  `);
  expect(new Set(namesOf('integer', document)).size).toBeGreaterThan(20);
});

test('a ticket and the path of a field have whole numbers, and a retry takes no field that it does not know', async () => {
  const answer = await edge.fetch('/openapi.json');
  const document = (await answer.json()) as {
    components: { schemas: Record<string, unknown> };
    paths: Record<string, { post?: unknown }>;
  };
  const { schemas } = document.components;
  const text = JSON.stringify(schemas['Error']);
  expect(text).toContain('"type":"integer"');
  expect(text).not.toContain('"type":"number"');
  /** The operation, with each schema in place of the name that stands for it. */
  const operation = (path: string) =>
    JSON.stringify(document.paths[path]?.post).replaceAll(
      /\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g,
      (_, name: string) => JSON.stringify(schemas[name]),
    );
  const ticket = operation('/admin/nodes/{id}/logs/ticket');
  expect(/"expires_in":\{[^}]*"type":"([a-z]+)"/.exec(ticket)?.[1]).toBe('integer');
  const { requestBody } = JSON.parse(operation('/admin/nodes/{id}/retry')) as { requestBody: object };
  expect(requestBody).toMatchObject({
    content: { 'application/json': { schema: { additionalProperties: false } } },
  });
});
