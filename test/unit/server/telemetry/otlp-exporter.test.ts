import { OtlpExporter } from '@launchlog/server/telemetry/otlp-exporter';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OtlpReceiver } from '../../../support/backing-service/otlp-receiver.js';

const IDS = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) };
const SPAN = { name: 'launch', spanId: IDS.spanId, startMs: 1_000, endMs: 2_000, attributes: {} };
const CALL = { ...SPAN, name: 'skypilot launch', spanId: 'ef'.repeat(8), kind: 'client' } as const;
const TRACE = { traceId: IDS.traceId, root: SPAN, rootEnds: true, children: [CALL] };
const RECORD = {
  uid: 'u-1',
  atMs: 1_000,
  level: 'warn',
  body: 'text',
  attributes: {},
  ids: IDS,
} as const;

let receiver: OtlpReceiver;
let exporter: OtlpExporter | undefined;

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500');
});
afterEach(async () => {
  await exporter?.close();
  await receiver.close();
  vi.unstubAllEnvs();
});

function open(json: boolean): OtlpExporter {
  exporter = new OtlpExporter({ version: '1.2.3', instanceId: 'i-1', json, traces: true, logs: true });
  return exporter;
}

test.each([
  [true, 'application/json'],
  [false, 'application/x-protobuf'],
])('what is sent has the form that was chosen (JSON: %s)', async (json, type) => {
  const exports = open(json);
  await exports.traces([TRACE]);
  await exports.logs([RECORD]);
  expect([...receiver.contentTypes]).toEqual([`/v1/traces ${type}`, `/v1/logs ${type}`]);
});

test('spans have the ids, the parents and the kinds that they were given, also when they are sent again', async () => {
  const exports = open(true);
  await exports.traces([TRACE]);
  await exports.traces([{ ...TRACE, rootEnds: false }]);
  const seen = receiver.spans.map(({ spanId, parentSpanId, kind }) => [spanId, parentSpanId, kind]);
  const call = [CALL.spanId, SPAN.spanId, 3];
  expect(seen).toHaveLength(3);
  expect(seen).toEqual(expect.arrayContaining([[SPAN.spanId, undefined, 1], call]));
  expect(new Set(seen.map(([id]) => id)).size).toBe(2);
});

test('a receiver that does not take it rejects, and the same export again gives the same records', async () => {
  const exports = open(true);
  receiver.isAway = true;
  await expect(exports.logs([RECORD])).rejects.toThrow('retryable status');
  await expect(exports.traces([TRACE])).rejects.toThrow('retryable status');
  receiver.isAway = false;
  await exports.logs([RECORD]);
  expect(receiver.records).toHaveLength(1);
  expect(receiver.spans).toEqual([]);
});
