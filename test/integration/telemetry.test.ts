import { createLaunchlogClient, type LaunchlogClient } from '@launchlog/sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppProcess } from '../support/app-process.js';
import {
  attributesOf,
  OtlpReceiver,
  type ReceivedRecord,
  type ReceivedSpan,
} from '../support/otlp-receiver.js';

const REQUEST = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen3-8B' } as const;
const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const TEST_MS = 120_000;

let receiver: OtlpReceiver;
let app: AppProcess;
let client: LaunchlogClient;

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
});
afterEach(async () => {
  await client?.close();
  await app?.close();
  await receiver.close();
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  app = await AppProcess.start({
    SIMULATOR_SPEED: '100',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    ...environment,
  });
  client = createLaunchlogClient({ url: app.url, token: app.token });
}

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

function uids(records: readonly ReceivedRecord[]): unknown[] {
  return records.map(({ attributes }) => attributesOf(attributes).get('log.record.uid'));
}

const nanos = ({ startTimeUnixNano, endTimeUnixNano }: ReceivedSpan) =>
  [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)] as const;

test(
  'a launch is a trace below the caller, with a span for each phase and place, and its log is in that trace',
  async () => {
    await start();
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
      ]),
    );
    expect(names.some((name) => name.startsWith('attempt AWS'))).toBe(true);
    for (const child of children) {
      expect(child.parentSpanId).toBe(root?.spanId);
      const [start, end] = nanos(child);
      expect(start >= from && start <= end && end <= until, child.name).toBe(true);
    }
    const facts = attributesOf(root?.attributes ?? []);
    expect(facts.get('launchlog.node.id')).toBe(id);
    expect(facts.get('cloud.provider')).toBe('aws');
    expect((await client.nodes.get(id)).traceId).toBe(CALLER.traceId);

    const log: string[] = [];
    for await (const { message } of client.nodes.logs(id)) log.push(message);
    const entries = () => receiver.records.filter(({ eventName }) => !eventName);
    await expect.poll(() => entries().length).toBe(log.length);
    expect(entries().map(({ body }) => body.stringValue)).toEqual(log);
    expect(new Set(receiver.records.map(({ traceId }) => traceId))).toEqual(new Set([CALLER.traceId]));
    const events = receiver.records.flatMap(({ eventName }) => eventName ?? []);
    expect(events).toEqual(expect.arrayContaining(['launchlog.node.launched', 'launchlog.node.active']));
    const resource = receiver.resources[0];
    expect(resource?.get('service.name')).toBe('launchlog');
    expect(resource?.get('deployment.environment.name')).toBe('test');
  },
  TEST_MS,
);

test(
  'a failed launch has the cause as its status, and its retry links to it',
  async () => {
    await start();
    const id = await launched({ simulator_scenario: 'quota' });
    await ended(id);
    const node = await client.nodes.get(id);
    const [root] = (await spansOf(id.replaceAll('-', ''))).filter(({ name }) => name === 'launch');
    expect(root?.status).toEqual({ code: 2, message: node.failureMessage });
    const { node: retried } = await client.nodes.retry(id);
    await ended(retried.id);
    const again = (await spansOf(retried.id.replaceAll('-', ''))).find(({ name }) => name === 'launch');
    expect(again?.links).toMatchObject([{ traceId: root?.traceId, spanId: root?.spanId }]);
  },
  TEST_MS,
);

test(
  'a receiver that is away and a server that is killed delay no launch and lose no record',
  async () => {
    await start();
    receiver.isAway = true;
    const id = await launched();
    await ended(id);
    await expect.poll(() => receiver.refusals).toBeGreaterThan(0);
    await app.down('SIGKILL');
    await app.up();
    receiver.isAway = false;
    const spans = await spansOf(id.replaceAll('-', ''));
    expect(spans.filter(({ name }) => name === 'launch')).toHaveLength(1);
    const seqs: number[] = [];
    for await (const { seq } of client.nodes.logs(id)) seqs.push(seq);
    const entries = () => new Set(uids(receiver.records.filter(({ eventName }) => !eventName)));
    await expect.poll(() => entries().size).toBe(seqs.length);
  },
  TEST_MS,
);

test(
  'protobuf is the default, and traces alone can be wanted',
  async () => {
    await start({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_LOGS_EXPORTER: 'none' });
    await ended(await launched());
    await expect.poll(() => [...receiver.contentTypes]).toEqual(['/v1/traces application/x-protobuf']);
  },
  TEST_MS,
);
