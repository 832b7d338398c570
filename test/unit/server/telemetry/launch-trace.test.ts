import { launchTrace, rootIds, servingTrace } from '@launchlog/server/telemetry/launch-trace';
import { BLANK_WORK, type WorkItem } from '@launchlog/server/node/work/launch-work';
import type { Node } from '@launchlog/shared/node';
import { expect, test } from 'vitest';
import { sampleNode } from '../../../support/sample/sample-node.js';

const START_MS = Date.parse('2026-01-01T00:00:00.000Z');
const ENDED = {
  status: 'active',
  phase: 'active',
  endedAt: '2026-01-01T00:10:00.000Z',
  phaseSeconds: { queued: 60, provisioning: 240, installing: 300 },
} as const;
const FOLLOW: WorkItem = { kind: 'call', name: 'follow launch', count: 1, failures: 0, fromMs: START_MS };

function traced(fields: Partial<Node> = {}, items: readonly WorkItem[] = []) {
  return {
    node: sampleNode({ ...ENDED, ...fields }),
    events: [],
    traceparent: undefined,
    retryOfTraceparent: undefined,
    work: { items, dropped: 0 },
  };
}

function childOf(items: readonly WorkItem[], name: string) {
  return launchTrace(traced({}, items)).children.filter((child) => child.name === name);
}

test('a call that a dead server has left open lasts until the next owner asks again, and the last one to the end', () => {
  const again = { ...FOLLOW, fromMs: START_MS + 60_000 };
  const [first, second] = childOf([FOLLOW, again], 'skypilot follow launch');
  expect(first).toMatchObject({ kind: 'client', startMs: START_MS, endMs: START_MS + 60_000 });
  expect(first?.attributes).toMatchObject({ 'launchlog.interrupted': true, 'launchlog.count': 1 });
  expect(second).toMatchObject({ startMs: START_MS + 60_000, endMs: START_MS + 600_000 });
  expect(second?.attributes).not.toHaveProperty('launchlog.interrupted');
  expect(first?.spanId).not.toBe(second?.spanId);
});

test('a series of probes is one span with the names of the semantic conventions', () => {
  const series = {
    kind: 'probe',
    name: '/health',
    count: 40,
    failures: 39,
    fromMs: START_MS + 1,
    toMs: START_MS + 9,
    status: 200,
    url: 'https://model.example/health',
  } as const;
  const [span] = childOf([series], 'probe /health');
  expect(span).toMatchObject({ startMs: START_MS + 1, endMs: START_MS + 9, error: undefined });
  expect(span?.attributes).toEqual({
    'launchlog.count': 40,
    'launchlog.failures': 39,
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'url.full': 'https://model.example/health',
    'server.address': 'model.example',
    'server.port': 443,
  });
  const [dead] = childOf([{ ...series, failures: 40 }], 'probe /health');
  expect(dead?.error).toBe('no good answer');
});

test('a failed call has the kind of its error', () => {
  const failed = { ...FOLLOW, name: 'launch', failures: 1, toMs: START_MS + 5, error: 'busy' };
  const [span] = childOf([failed], 'skypilot launch');
  expect(span).toMatchObject({ error: 'busy' });
  expect(span?.attributes).toMatchObject({ 'error.type': 'busy', 'launchlog.skypilot.call': 'launch' });
});

test.each(['lost', undefined] as const)(
  'a relaunch and a retry (%s) link to what they repeat',
  (retryReason) => {
    const retryOf = '0a000000-0000-4000-8000-000000000001';
    const caller = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const node = sampleNode({ ...ENDED, retryOf, ...(retryReason && { retryReason }) });
    const trace = launchTrace({ ...traced(), node, retryOfTraceparent: caller });
    expect(trace.root.links).toEqual([rootIds(retryOf, caller)]);
    expect(trace.root.links?.[0]?.traceId).toBe('ab'.repeat(16));
    expect(trace.traceId).toBe(node.id.replaceAll('-', ''));
  },
);

test('the root has the price and the reason, and how many calls found no room', () => {
  const node = {
    status: 'failed',
    phase: 'failed',
    pricePerHour: 3.2,
    failureReason: 'no_capacity',
    failureMessage: 'No room.',
  } as const;
  const { root } = launchTrace({ ...traced(node), work: { ...BLANK_WORK, dropped: 3 } });
  expect(root.error).toBe('No room.');
  expect(root.attributes).toMatchObject({
    'launchlog.price_per_hour': 3.2,
    'launchlog.failure.reason': 'no_capacity',
    'error.type': 'no_capacity',
    'cloud.provider': 'aws',
    'cloud.region': 'us-west-2',
    'launchlog.gpu.type': 'A100',
    'gen_ai.request.model': 'meta-llama/Llama-2-7b-chat-hf',
    'launchlog.calls.dropped': 3,
  });
});

test('the life of a node is one more span of the same trace, below the same root', () => {
  const lost = traced({ status: 'lost', lossReason: 'deleted', terminatedAt: '2026-01-01T01:00:00.000Z' });
  const life = servingTrace(lost);
  expect(life).toMatchObject({ traceId: launchTrace(lost).traceId, rootEnds: false });
  expect(life.root.spanId).toBe(launchTrace(lost).root.spanId);
  expect(life.children).toMatchObject([
    { name: 'serving', startMs: Date.parse(ENDED.endedAt), error: 'lost: deleted' },
  ]);
});
