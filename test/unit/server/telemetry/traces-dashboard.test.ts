import { readFileSync } from 'node:fs';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { launchTrace } from '@launchlog/server/telemetry/launch-trace';
import { expect, test } from 'vitest';
import { sampleNode } from '../../../support/sample/sample-node.js';

const DASHBOARD = new URL('../../../../docs/operations/traces-dashboard.json', import.meta.url);
const AT = '2026-01-01T00:00:01.000Z';
const AT_MS = Date.parse(AT);

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly query?: string; readonly expr?: string }[];
  }[];
}

/** A launch that has one of everything, as it is sent. */
function spans() {
  const node = sampleNode({
    status: 'failed',
    phase: 'failed',
    failureReason: 'no_capacity',
    pricePerHour: 3,
    endedAt: '2026-01-01T00:10:00.000Z',
    phaseSeconds: { queued: 1, provisioning: 599 },
  });
  const refused = { cloud: 'AWS', region: 'us-west-2', outcome: 'failed', reason: 'no_capacity', price: 3 };
  const event: NodeEvent = { seq: 1, timestamp: AT, kind: 'attempt', message: 'No room.', details: refused };
  const call = { kind: 'call', name: 'launch', count: 1, failures: 1, fromMs: AT_MS, error: 'busy' } as const;
  const work = { items: [call, { ...call, toMs: AT_MS }], dropped: 0 };
  const none = { traceparent: undefined, retryOfTraceparent: undefined };
  const { root, children } = launchTrace({ node, events: [event], work, ...none });
  return [root, ...children];
}

const dashboard = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.flatMap(({ query }) => (query === undefined ? [] : [[title, query] as const])),
);

test('the dashboard has queries of traces, and each panel has one', () => {
  expect(queries.length).toBeGreaterThan(7);
  expect(dashboard.panels.filter(({ targets }) => targets.length === 0)).toEqual([]);
});

test.each(queries)('the panel "%s" asks for spans and attributes that are sent', (_, query) => {
  const sent = spans();
  const attributes = new Set(sent.flatMap((span) => Object.keys(span.attributes)));
  const asked = [...query.matchAll(/\bspan\.([a-z_.]+)/g)].map(([, name = '']) => name);
  expect(asked.filter((name) => !attributes.has(name))).toEqual([]);
  const [, operator, name = ''] = /&& name (=~?) "([^"]+)"/.exec(query) ?? [];
  const pattern = operator === '=~' ? new RegExp(`^${name}$`) : undefined;
  expect(sent.some((span) => pattern?.test(span.name) ?? span.name === name)).toBe(true);
  expect(query).toContain('resource.service.name = "launchlog"');
});
