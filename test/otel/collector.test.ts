import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLaunchlogClient } from '@launchlog/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppProcess } from '../support/app-process.js';
import { freePort } from '../support/free-port.js';
import { eventually } from '../support/within.js';

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache/otelcol', import.meta.url));
const VERSION = 'v0.165.0';
const COLLECTOR = join(CACHE, `otelcol-${VERSION}`);
const SPEC = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen3-8B' } as const;

let folder: string;
let collector: ChildProcess;
let output = '';
let endpoint: string;

beforeAll(async () => {
  await buildCollector();
  folder = await mkdtemp(join(tmpdir(), 'launchlog-otel-'));
  const port = await freePort();
  endpoint = `http://127.0.0.1:${port}`;
  const config = join(folder, 'collector.yaml');
  await writeFile(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${port}' } } } }
exporters: { debug: { verbosity: detailed } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [debug] }
    logs: { receivers: [otlp], exporters: [debug] }
`,
  );
  collector = spawn(COLLECTOR, ['--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [collector.stdout, collector.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  await eventually(
    () => `the Collector did not start: ${output}`,
    () => output.includes('Everything is ready'),
  );
});

afterAll(async () => {
  if (collector?.exitCode === null) {
    collector.kill();
    await once(collector, 'exit');
  }
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** With the receiver of OTLP and the exporter that prints, and nothing else. It takes some minutes, once. */
async function buildCollector(): Promise<void> {
  if (
    await access(COLLECTOR).then(
      () => true,
      () => false,
    )
  )
    return;
  await mkdir(CACHE, { recursive: true });
  const builder = `go.opentelemetry.io/collector/cmd/builder@${VERSION}`;
  await run('go', ['install', builder], { env: { ...process.env, GOBIN: CACHE } });
  const config = join(CACHE, 'builder.yaml');
  await writeFile(
    config,
    `dist: { name: otelcol, output_path: ${CACHE}/source }
receivers: [{ gomod: go.opentelemetry.io/collector/receiver/otlpreceiver ${VERSION} }]
exporters: [{ gomod: go.opentelemetry.io/collector/exporter/debugexporter ${VERSION} }]
`,
  );
  await run(join(CACHE, 'builder'), ['--config', config], { maxBuffer: 100_000_000 });
  await run('mv', [join(CACHE, 'source/otelcol'), COLLECTOR]);
}

test('the Collector takes the trace, the entries and the events of a launch', async () => {
  const app = await AppProcess.start({ SIMULATOR_SPEED: '100', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  const client = createLaunchlogClient({ url: app.url, token: app.token });
  try {
    const { node } = await client.nodes.launch(SPEC);
    for await (const event of client.nodes.logsStream(node.id)) if (event.type === 'done') break;
    const traceId = node.id.replaceAll('-', '');
    await expect.poll(() => output).toMatch(new RegExp(`Trace ID +: ${traceId}[^]*Name +: launch\n`));
    for (const name of ['phase queued', 'phase model_loading', 'attempt AWS us-west-2']) {
      expect(output).toMatch(new RegExp(`Name +: ${name}\n`));
    }
    await expect.poll(() => output).toContain('EventName: launchlog.node.active');
    const messages: string[] = [];
    for await (const { message } of client.nodes.logs(node.id)) messages.push(message);
    for (const message of messages.slice(0, 5)) expect(output).toContain(`Body: Str(${message})`);
    expect(output).toContain('service.name: Str(launchlog)');
  } finally {
    await client.close();
    await app.close();
  }
});
