import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@launchlog/server/clock';
import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot-api-client';
import { hasEnded } from '@launchlog/server/orchestrator/skypilot-request-record';
import { skypilotTask } from '@launchlog/server/orchestrator/skypilot-task';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import { skypilotLaunchSpec } from '../support/skypilot-launch-spec.js';
import { SkypilotRig } from '../support/skypilot-rig.js';

const FOLDER = fileURLToPath(new URL('../fixtures/skypilot/streams/', import.meta.url));
const never = new AbortController().signal;

/** Writes the fixtures anew: RECORD_STREAMS=1 npm run test:skypilot -- record-streams */
describe.runIf(process.env['RECORD_STREAMS'] === '1')('recording of what the real server sends', () => {
  let rig: SkypilotRig;
  let client: SkypilotApiClient;

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
    client = new SkypilotApiClient({ endpoint: rig.endpoint }, systemClock);
  });
  afterAll(async () => {
    client?.close();
    await rig?.close();
  });

  async function record(name: string, request: Partial<LaunchRequestInput> = {}, options: Options = {}) {
    options.before?.();
    const spec = skypilotLaunchSpec(request);
    const task = skypilotTask(spec, { otherRegions: options.otherRegions ?? true, secrets: 'included' });
    const requestId = await client.submitLaunch({ clusterName: spec.clusterName, task }, never);
    if (options.cancelWhen !== undefined) void cancelLater(requestId, options.cancelWhen);
    writeFileSync(
      `${FOLDER}${name}.launch.raw`,
      await bytesOf(`/api/stream?request_id=${requestId}&format=console`),
    );
    const record = await recordOf(requestId);
    writeFileSync(`${FOLDER}${name}.record.json`, `${JSON.stringify(record, null, 2)}\n`);
    if (options.jobMs !== undefined) {
      const body = { cluster_name: spec.clusterName, job_id: 1, follow: true, tail: 0 };
      writeFileSync(`${FOLDER}${name}.job.raw`, await bytesOf('/logs', body, options.jobMs));
    }
    await client.down(spec.clusterName, never);
    rig.mend();
  }

  async function bytesOf(path: string, body?: object, ms = 120_000): Promise<Buffer> {
    const response = await fetch(rig.endpoint + path, {
      ...(body && {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
      signal: AbortSignal.timeout(ms),
    });
    const chunks: Uint8Array[] = [];
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    } catch {
      // A server that serves for ever: what there is by then is the recording.
    }
    return Buffer.concat(chunks);
  }

  /** As the server gives it, without the pickles. */
  async function recordOf(requestId: string): Promise<Record<string, unknown>> {
    const response = await fetch(`${rig.endpoint}/api/get?request_id=${requestId}`);
    const answer = (await response.json()) as Record<string, unknown>;
    const record = (answer['detail'] ?? answer) as Record<string, unknown>;
    const error = JSON.parse(String(record['error'])) as Record<string, unknown> | null;
    const value = JSON.parse(String(record['return_value'])) as Record<string, unknown> | null;
    if (error !== null) error['object'] = '';
    if (value !== null && 'handle' in value) value['handle'] = 'gAROLg==';
    return {
      ...record,
      entrypoint: '',
      request_body: '',
      error: JSON.stringify(error),
      return_value: JSON.stringify(value),
    };
  }

  async function cancelLater(requestId: string, when: string): Promise<void> {
    const { bytes } = await client.stream(requestId, never);
    let text = '';
    for await (const chunk of bytes as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (text.includes(when)) break;
    }
    await client.cancel(requestId, never);
    while (!hasEnded((await client.request(requestId, never))?.status ?? 'RUNNING'))
      await systemClock.sleep(200);
  }

  test('success', () => record('success', {}, { otherRegions: false, jobMs: 20_000 }));
  test('failover', () =>
    record('failover', {}, { before: () => rig.lambda?.capacity.set('us-east-1', 'none'), jobMs: 20_000 }));
  test('no capacity in one region', () =>
    record(
      'no-capacity',
      {},
      { otherRegions: false, before: () => rig.lambda?.capacity.set('us-east-1', 'none') },
    ));
  test('quota in every region', () =>
    record(
      'quota',
      {},
      {
        before: () => {
          rig.lambda?.capacity.set('us-east-1', 'quota');
          rig.lambda?.capacity.set('us-west-1', 'quota');
        },
      },
    ));
  test('runtime failure', () =>
    record('runtime-failure', {}, { before: () => rig.breakNext('fail-runtime-setup') }));
  test('setup failure', () =>
    record('setup-failure', {}, { before: () => rig.breakNext('fail-setup'), jobMs: 60_000 }));
  test('model failure', () =>
    record('model-failure', {}, { before: () => rig.breakNext('fail-model'), jobMs: 60_000 }));
  test('cancel', () =>
    record(
      'cancel',
      {},
      {
        cancelWhen: 'Checking instance status',
        before: () => {
          if (rig.lambda) rig.lambda.bootMs = 20_000;
        },
      },
    ));
  test('unknown GPU', async () => {
    if (rig.lambda) rig.lambda.bootMs = 0;
    await record('unknown-gpu', { gpu: 'FOO' });
  });
  test('cloud not enabled', () =>
    record('cloud-not-enabled', { provider: 'aws', region: 'us-west-2', gpuCount: 8 }));
});

interface Options {
  readonly otherRegions?: boolean;
  readonly before?: () => void;
  /** Text of the stream upon which the request is cancelled. */
  readonly cancelWhen?: string;
  /** The job's log is recorded too, for so long. */
  readonly jobMs?: number;
}
