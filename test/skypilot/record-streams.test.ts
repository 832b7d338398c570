import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { systemClock } from '@launchlog/server/clock';
import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot/api-client';
import { hasEnded } from '@launchlog/server/orchestrator/skypilot/request-record';
import { skypilotTask } from '@launchlog/server/orchestrator/skypilot/task';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { skypilotLaunchSpec } from '../support/skypilot/launch-spec.js';
import { SkypilotRig } from '../support/skypilot/rig.js';

const FOLDER = fileURLToPath(new URL('../fixtures/skypilot/streams/', import.meta.url));
const NONE = { 'us-east-1': 'none' } as const;

const RECORDINGS: readonly Recording[] = [
  { name: 'success', ends: 'SUCCEEDED', otherRegions: false, jobMs: 20_000 },
  { name: 'failover', ends: 'SUCCEEDED', capacity: NONE, jobMs: 20_000 },
  { name: 'no-capacity', ends: 'FAILED', capacity: NONE, otherRegions: false },
  { name: 'quota', ends: 'FAILED', capacity: { 'us-east-1': 'quota', 'us-west-1': 'quota' } },
  { name: 'runtime-failure', ends: 'FAILED', breaks: 'fail-runtime-setup' },
  { name: 'setup-failure', ends: 'SUCCEEDED', breaks: 'fail-setup', jobMs: 60_000 },
  { name: 'model-failure', ends: 'SUCCEEDED', breaks: 'fail-model', jobMs: 60_000 },
  { name: 'cancel', ends: 'CANCELLED', bootMs: 20_000, cancelWhen: 'Checking instance status' },
  { name: 'unknown-gpu', ends: 'FAILED', request: { gpu: 'FOO' } },
  {
    name: 'cloud-not-enabled',
    ends: 'FAILED',
    request: { provider: 'aws', region: 'us-west-2', gpuCount: 8 },
  },
];

const never = new AbortController().signal;

/** Rewrites the fixtures: RECORD_STREAMS=1 npm run test:skypilot -- record-streams */
describe.runIf(process.env['RECORD_STREAMS'] === '1')('recording of what the real server sends', () => {
  let rig: SkypilotRig;
  let client: SkypilotApiClient;

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    rig = await SkypilotRig.start({ venv: inject('skypilotVenv'), cloud: 'lambda' });
    client = new SkypilotApiClient({ endpoint: rig.endpoint }, systemClock);
  });
  afterAll(async () => {
    await rig?.close();
  });

  async function record(recording: Recording): Promise<unknown> {
    const { name } = recording;
    if (rig.lambda) rig.lambda.bootMs = recording.bootMs ?? 0;
    for (const [region, answer] of Object.entries(recording.capacity ?? {})) {
      rig.lambda?.capacity.set(region, answer);
    }
    if (recording.breaks) rig.breakNext(recording.breaks);
    const spec = skypilotLaunchSpec(recording.request);
    const task = skypilotTask(spec, { otherRegions: recording.otherRegions ?? true, secrets: 'included' });
    const requestId = await client.submitLaunch({ clusterName: spec.clusterName, task }, never);
    if (recording.cancelWhen !== undefined) void cancelLater(requestId, recording.cancelWhen);
    write(`${name}.launch.raw`, await bytesOf(`/api/stream?request_id=${requestId}&format=console`));
    const ended = await recordOf(requestId);
    write(
      `${name}.record.json`,
      `${JSON.stringify(ended, null, 2)}
`,
    );
    if (recording.jobMs !== undefined) {
      const body = { cluster_name: spec.clusterName, job_id: 1, follow: true, tail: 0 };
      write(`${name}.job.raw`, await bytesOf('/logs', body, recording.jobMs));
    }
    await client.down(spec.clusterName, never);
    rig.mend();
    return ended['status'];
  }

  /** Replaces folders of this machine by those of a machine in the cloud. */
  function write(name: string, bytes: Uint8Array | string): void {
    const text = Buffer.from(bytes as Uint8Array).toString('latin1');
    const plain = text
      .replaceAll(new RegExp(`${rig.folder}/nodes/[0-9.]+`, 'g'), '/home/ubuntu')
      .replaceAll(`${rig.folder}/home`, '/home/sky');
    writeFileSync(FOLDER + name, plain, 'latin1');
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
      // The model server serves forever: the output up to now is the recording.
    }
    return Buffer.concat(chunks);
  }

  /** The record as the server returns it, without the pickles. */
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

  test.each(RECORDINGS)('$name', async (recording) => {
    expect(await record(recording)).toBe(recording.ends);
  });
});

interface Recording {
  readonly name: string;
  readonly ends: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly request?: Partial<LaunchRequestInput>;
  readonly otherRegions?: boolean;
  /** The answer to `launch` in each region. */
  readonly capacity?: Readonly<Record<string, 'none' | 'quota'>>;
  readonly breaks?: 'fail-runtime-setup' | 'fail-setup' | 'fail-model';
  readonly bootMs?: number;
  /** The request is cancelled when the stream contains this text. */
  readonly cancelWhen?: string;
  /** If set, the job's log is also recorded, for this long. */
  readonly jobMs?: number;
}
