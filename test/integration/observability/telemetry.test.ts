import { createLaunchlogClient, type LaunchlogClient } from '@launchlog/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppProcess } from '../../support/server/app-process.js';
import {
  attributesOf,
  OtlpReceiver,
  type ReceivedRecord,
  type ReceivedSpan,
} from '../../support/backing-service/otlp-receiver.js';

const REQUEST = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen3-8B' } as const;
const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TEST_MS = 120_000;

let receiver: OtlpReceiver;
let app: AppProcess;
let client: LaunchlogClient;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  app = await AppProcess.start({
    SIMULATOR_SPEED: '1000',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    // An attempt that failed is not repeated within the same export.
    OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    TRACE_URL_TEMPLATE: 'https://traces.example.com/{trace_id}?from=launchlog',
  });
  client = createLaunchlogClient({ url: app.url, token: app.token });
}, TEST_MS);
afterAll(async () => {
  await client?.close();
  await app?.close();
  await receiver?.close();
});

async function launched(fields: object = {}, headers: Record<string, string> = {}): Promise<string> {
  const answer = await app.fetch('/admin/nodes/launch', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ ...REQUEST, ...fields }),
  });
  return ((await answer.json()) as { node_id: string }).node_id;
}

async function ended(id: string): Promise<void> {
  for await (const event of client.nodes.logsStream(id)) if (event.type === 'done') return;
}

/** The spans of one export: a root is sent with its children. */
async function spansOf(traceId: string): Promise<readonly ReceivedSpan[]> {
  const of = () => receiver.spans.filter((span) => span.traceId === traceId);
  await expect.poll(() => of().some(({ name }) => name === 'launch')).toBe(true);
  return of();
}

const recordsOf = (traceId: string) => receiver.records.filter((record) => record.traceId === traceId);

function uids(records: readonly ReceivedRecord[]): unknown[] {
  return records.map(({ attributes }) => attributesOf(attributes).get('log.record.uid'));
}

const nanos = ({ startTimeUnixNano, endTimeUnixNano }: ReceivedSpan) =>
  [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)] as const;

test(
  'a launch is a trace below the caller, with a span for each phase, place, call and series of probes',
  async () => {
    const id = await launched({}, { traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
    await ended(id);
    const spans = await spansOf(CALLER.traceId);
    const root = spans.find(({ name }) => name === 'launch');
    expect(root).toMatchObject({ parentSpanId: CALLER.spanId });
    const [from, until] = root === undefined ? [0n, 0n] : nanos(root);
    const children = spans.filter((span) => span !== root);
    const names = children.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'phase queued',
        'phase provisioning',
        'phase installing',
        'phase model_loading',
        'phase health_check',
        'attempt AWS us-west-2',
        'skypilot launch',
        'skypilot follow launch',
        'skypilot follow job',
        'probe /health',
        'probe /v1/models',
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const child of children) {
      expect(child.parentSpanId).toBe(root?.spanId);
      const [start, end] = nanos(child);
      expect(start >= from && start <= end && end <= until, child.name).toBe(true);
    }
    const facts = attributesOf(root?.attributes ?? []);
    expect(facts.get('launchlog.node.id')).toBe(id);
    expect(facts.get('cloud.provider')).toBe('aws');
    const probes = attributesOf(children.find(({ name }) => name === 'probe /health')?.attributes ?? []);
    expect(Number(probes.get('launchlog.failures'))).toBeGreaterThan(0);
    expect(Number(probes.get('launchlog.count'))).toBeGreaterThan(Number(probes.get('launchlog.failures')));
    expect(Number(probes.get('http.response.status_code'))).toBe(200);

    const log: string[] = [];
    let tracedEntries = 0;
    for await (const { message, details } of client.nodes.logs(id)) {
      log.push(message);
      if (details?.['trace_id'] === CALLER.traceId) tracedEntries += 1;
    }
    expect(tracedEntries).toBe(1);
    const entries = () => recordsOf(CALLER.traceId).filter(({ eventName }) => !eventName);
    await expect.poll(() => entries().length).toBe(log.length);
    expect(entries().map(({ body }) => body.stringValue)).toEqual(log);
    const events = recordsOf(CALLER.traceId).flatMap(({ eventName }) => eventName ?? []);
    expect(events).toEqual(expect.arrayContaining(['launchlog.node.launched', 'launchlog.node.active']));
    const resource = receiver.resources[0];
    expect(resource?.get('service.name')).toBe('launchlog');
    expect(resource?.get('deployment.environment.name')).toBe('test');

    const seen = {
      traceId: CALLER.traceId,
      traceUrl: `https://traces.example.com/${CALLER.traceId}?from=launchlog`,
    };
    expect(await client.nodes.get(id)).toMatchObject(seen);
    expect((await client.nodes.list({ limit: 1 })).nodes).toMatchObject([seen]);
  },
  TEST_MS,
);

test(
  'a failed launch has the cause as its status, and its retry links to it',
  async () => {
    const id = await launched({ simulator_scenario: 'quota' });
    await ended(id);
    const node = await client.nodes.get(id);
    const { node: retried } = await client.nodes.retry(id);
    const [root] = (await spansOf(id.replaceAll('-', ''))).filter(({ name }) => name === 'launch');
    expect(root?.status).toEqual({ code: 2, message: node.failureMessage });
    await ended(retried.id);
    const again = (await spansOf(retried.id.replaceAll('-', ''))).find(({ name }) => name === 'launch');
    expect(again?.links).toMatchObject([{ traceId: root?.traceId, spanId: root?.spanId }]);
  },
  TEST_MS,
);

test(
  'a receiver that is away and a server that is killed delay no launch and lose no record',
  async () => {
    receiver.isAway = true;
    const id = await launched();
    const traceId = id.replaceAll('-', '');
    await ended(id);
    const failures = async () =>
      Number(
        /^launchlog_telemetry_failures_total (\d+)$/m.exec(await (await app.fetch('/metrics')).text())?.[1],
      );
    // Then the server pauses and holds no lease, which its successor would have to wait for.
    await expect.poll(failures).toBeGreaterThan(0);
    await app.down('SIGKILL');
    await app.up();
    receiver.isAway = false;
    const spans = await spansOf(traceId);
    expect(spans.filter(({ name }) => name === 'launch')).toHaveLength(1);
    const seqs: number[] = [];
    for await (const { seq } of client.nodes.logs(id)) seqs.push(seq);
    const entries = () => new Set(uids(recordsOf(traceId).filter(({ eventName }) => !eventName)));
    await expect.poll(() => entries().size).toBe(seqs.length);
  },
  TEST_MS,
);
