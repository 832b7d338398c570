import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServerEdge } from '../support/server/server-edge.js';

let edge: ServerEdge;
beforeAll(async () => {
  edge = await ServerEdge.start();
});
afterAll(() => edge.close());

/** Every name of a field that is a number of the given type, where the document describes one. */
function namesOf(type: 'integer' | 'number', value: unknown, name = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value) && 'type' in value && value.type === type) return [name];
  return Object.entries(value).flatMap(([key, inner]) =>
    namesOf(type, inner, /^\d+$/.test(key) ? name : key),
  );
}

test('counts and numbers of entries are whole, and these may have a fraction', async () => {
  const document: unknown = await (await edge.fetch('/openapi.json')).json();
  expect([...new Set(namesOf('number', document))].toSorted()).toMatchInlineSnapshot(`
    [
      "active",
      "anyOf",
      "average",
      "cost_per_useful_hour",
      "cost_until_active",
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
