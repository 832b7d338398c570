import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLaunchlogClient, type LaunchlogClient } from '@launchlog/sdk';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AppProcess } from '../support/server/app-process.js';
import { freePort } from '../support/network/free-port.js';
import { OtlpReceiver } from '../support/backing-service/otlp-receiver.js';
import { eventually } from '../support/within.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, '.cache/otelcol');
const SOURCE = join(ROOT, 'test/otel/collector');
const EXAMPLE = join(ROOT, 'docs/deployment/telemetry/collector.yaml');
const SPEC = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen3-8B' } as const;

let program: string;
let folder: string;
let collector: Collector | undefined;
let app: AppProcess | undefined;
let client: LaunchlogClient;

beforeAll(async () => {
  program = await builtCollector();
  folder = await mkdtemp(join(tmpdir(), 'launchlog-otel-'));
});
afterEach(async () => {
  await client.close();
  await app?.close();
  await collector?.stop();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** With the parts that the example needs, and nothing else. It takes some minutes, once. */
async function builtCollector(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(await readFile(join(SOURCE, name)));
  const built = join(CACHE, `otelcol-${hash.digest('hex').slice(0, 12)}`);
  const isThere = await access(built).then(
    () => true,
    () => false,
  );
  if (isThere) return built;
  await mkdir(CACHE, { recursive: true });
  await run('go', ['build', '-buildvcs=false', '-ldflags=-s -w', '-o', built, '.'], { cwd: SOURCE });
  return built;
}

/** A real Collector, which takes OTLP at `endpoint`. */
class Collector {
  readonly endpoint: string;
  readonly #child: ChildProcess;
  #output = '';

  static async start(
    config: string,
    environment: Record<string, string> = {},
    port?: number,
  ): Promise<Collector> {
    const started = new Collector(config, environment, port ?? (await freePort()));
    await eventually(
      () => `the Collector did not start: ${started.output}`,
      () => started.output.includes('Everything is ready'),
    );
    return started;
  }

  private constructor(config: string, environment: Record<string, string>, port: number) {
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#child = spawn(program, ['--config', config], {
      env: { ...process.env, ...environment, OTLP_LISTEN: `127.0.0.1:${port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  get output(): string {
    return this.#output;
  }

  /** Idempotent. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}

async function startApp(endpoint: string): Promise<void> {
  app = await AppProcess.start({
    SIMULATOR_SPEED: '1000',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
  });
  client = createLaunchlogClient({ url: app.url, token: app.token });
}

async function launched(): Promise<string> {
  const { node } = await client.nodes.launch(SPEC);
  for await (const event of client.nodes.logsStream(node.id)) if (event.type === 'done') break;
  return node.id;
}

test('the Collector takes the trace, the entries and the events of a launch', async () => {
  const config = join(folder, 'debug.yaml');
  await writeFile(
    config,
    `receivers: { otlp: { protocols: { http: { endpoint: '\${env:OTLP_LISTEN}' } } } }
exporters: { debug: { verbosity: detailed } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    traces: { receivers: [otlp], exporters: [debug] }
    logs: { receivers: [otlp], exporters: [debug] }
`,
  );
  const printing = (collector = await Collector.start(config));
  await startApp(printing.endpoint);
  const id = await launched();
  const traceId = id.replaceAll('-', '');
  await expect.poll(() => printing.output).toMatch(new RegExp(`Trace ID +: ${traceId}[^]*Name +: launch\n`));
  for (const name of ['phase queued', 'phase model_loading', 'attempt AWS us-west-2']) {
    expect(printing.output).toMatch(new RegExp(`Name +: ${name}\n`));
  }
  expect(printing.output).toMatch(/Name +: skypilot follow launch\n +Kind +: Client\n/);
  expect(printing.output).toMatch(/Name +: probe \/health\n +Kind +: Client\n/);
  await expect.poll(() => printing.output).toContain('EventName: launchlog.node.active');
  const messages: string[] = [];
  for await (const { message } of client.nodes.logs(id)) messages.push(message);
  for (const message of messages.slice(0, 5)) expect(printing.output).toContain(`Body: Str(${message})`);
  expect(printing.output).toContain('service.name: Str(launchlog)');
});

test('the example passes everything on, each entry once, also after the Collector was away', async () => {
  const receiver = await OtlpReceiver.start();
  try {
    const config = join(folder, 'example.yaml');
    // The receiver of the tests reads JSON.
    const example = await readFile(EXAMPLE, 'utf8');
    await writeFile(
      config,
      example.replaceAll(
        /^( +)endpoint: (.*_ENDPOINT.*)$/gm,
        '$1endpoint: $2\n$1encoding: json\n$1compression: none',
      ),
    );
    const targets = { TRACES_ENDPOINT: receiver.url, LOGS_ENDPOINT: receiver.url };
    const first = (collector = await Collector.start(config, targets));
    await startApp(first.endpoint);
    const port = Number(new URL(first.endpoint).port);
    await first.stop('SIGKILL');
    const id = await launched();
    collector = await Collector.start(config, targets, port);
    const traceId = id.replaceAll('-', '');
    await expect
      .poll(() => receiver.spans.filter((span) => span.traceId === traceId).length)
      .toBeGreaterThan(10);
    const log: string[] = [];
    for await (const { message } of client.nodes.logs(id)) log.push(message);
    const bodies = () =>
      receiver.records.flatMap((record) =>
        record.traceId === traceId && !record.eventName ? [record.body.stringValue] : [],
      );
    await expect.poll(() => bodies().length).toBe(log.length);
    expect(bodies()).toEqual(log);
  } finally {
    await receiver.close();
  }
});
