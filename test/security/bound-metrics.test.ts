import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LaunchMetrics } from '@launchlog/shared/launch-metrics';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import { ServerEdge } from '../support/server/server-edge.js';

const ADMIN = { name: 'admin', kind: 'admin_token', scopes: ['admin'] } as const;
const NOTHING = { groupBy: [], total: {}, groups: [], truncated: false } as unknown as LaunchMetrics;
/** What the metrics were asked for. */
const asked: object[] = [];
const launchMetrics: LaunchMetricsReader = {
  launches: (query) => Promise.resolve(NOTHING).finally(() => asked.push(query)),
  phases: (query) => Promise.resolve({ launches: 0, phases: [] }).finally(() => asked.push(query)),
};
const input = (query: object) => `?input=${encodeURIComponent(JSON.stringify({ json: query }))}`;
const KIND = { provider: 'aws', gpu: 'A100' };

let edge: ServerEdge;
beforeAll(async () => void (edge = await ServerEdge.start({ launchMetrics })));
beforeEach(() => void asked.splice(0));
afterAll(() => edge.close());

const OWN = [
  ['deployment', { deploymentId: 'chat' }],
  ['tenant', { tenantId: 'acme' }],
] as const;

async function reader(name: string, bound: object) {
  const { token } = await edge.access.tokens.create(ADMIN, { name, scopes: ['read'], ...bound });
  return async (path: string) =>
    (await fetch(edge.url + path, { headers: { 'X-Admin-Token': token } })).status;
}

test.each(OWN)('a token bound to a %s gets the metrics of its own launches only', async (kind, own) => {
  const get = await reader(`own-${kind}`, own);
  for (const path of [
    '/admin/metrics/launches',
    '/admin/metrics/launches?group_by=',
    '/admin/metrics/launches?tenant_id=other&tenantId=other&deploymentId=other',
    '/admin/metrics/phases?provider=aws&gpu=A100&deployment_id=other&tenant_id=other',
    '/trpc/metrics.launches',
    `/trpc/metrics.launches${input({ groupBy: ['deployment'] })}`,
    `/trpc/metrics.phases${input(KIND)}`,
    `/trpc/metrics.launches,metrics.phases?batch=1&input=${encodeURIComponent(JSON.stringify({ 1: { json: KIND } }))}`,
  ]) {
    asked.splice(0);
    expect(`${path} ${await get(path)}`).toBe(`${path} 200`);
    expect(asked.length).toBeGreaterThan(0);
    for (const query of asked) expect(query).toMatchObject(own);
  }
});

test.each(OWN)('a token bound to a %s cannot ask for others', async (kind, own) => {
  const get = await reader(`others-${kind}`, own);
  for (const other of [{ tenantId: 'other' }, { deploymentId: 'other', tenantId: 'acme' }]) {
    expect(await get(`/trpc/metrics.launches${input(other)}`)).toBe(400);
    expect(await get(`/trpc/metrics.phases${input({ ...KIND, ...other })}`)).toBe(400);
  }
  expect(asked).toEqual([]);
});

test('a bound token is refused another deployment, and a tenant is searched only for its own', async () => {
  const [bound, tenant] = [
    await reader('chat', { deploymentId: 'chat' }),
    await reader('acme', { tenantId: 'acme' }),
  ];
  const paths = [
    '/admin/metrics/launches?deployment_id=other',
    `/trpc/metrics.launches${input({ deploymentId: 'other' })}`,
  ];
  for (const path of paths) expect(await bound(path)).toBe(403);
  expect(asked).toEqual([]);
  for (const path of paths) expect(await tenant(path)).toBe(200);
  const both = { deploymentId: 'other', tenantId: 'acme' };
  expect(asked).toEqual([expect.objectContaining(both), expect.objectContaining(both)]);
});
