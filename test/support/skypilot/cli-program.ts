import { readFile } from 'node:fs/promises';
import { valuesOf } from './dotenv-reader.js';

/** One start of the program: its words, its entire environment, and where it prints. */
interface SkyRun {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Resolves when there is room for more. */
  readonly print: (text: string) => Promise<void>;
  /** Aborted when the program was killed. */
  readonly signal: AbortSignal;
}

interface RequestAnswer {
  readonly status: string;
  readonly return_value: string;
  readonly error: string | null;
}

/**
 * Speaks for SkyPilot's program `sky`, version 0.14.1. As the real one it is a client of the API server in
 * SKYPILOT_API_SERVER_ENDPOINT: it prints the streams without their control text, and fails when a request fails.
 */
export async function runSky(run: SkyRun): Promise<void> {
  const [first = '', second = '', third = ''] = run.words;
  if (first === 'logs') return printJobLog(run, second);
  switch (`${first} ${second}`) {
    case 'launch -y':
      return launch(run);
    case 'down -y':
      return down(run, third);
    case 'api info':
      return run.print('SkyPilot client version: 0.14.1, commit: 0\n├── Status: HEALTHY, version: 0.14.1\n');
    case 'api status':
      return printRequests(run);
    case 'api logs':
      return printApiLogs(run, third);
    case 'api cancel':
      return void (await valueOf(run, await submit(run, '/api/cancel', { request_ids: [run.words[3]] })));
    case 'status -o':
      return printStatus(run);
    case 'status --endpoint':
      return printEndpoint(run);
    default:
      throw new Error(`No such command: ${run.words.join(' ')}`);
  }
}

async function launch(run: SkyRun): Promise<void> {
  if (run.words.includes('--dryrun')) return dryRun(run);
  const secrets = run.words.includes('--secret-file')
    ? valuesOf(await readFile(valueAfter(run, '--secret-file'), 'utf8'), run.environment)
    : {};
  const task = await readFile(run.words.at(-1) ?? '', 'utf8');
  const requestId = await submit(run, '/launch', { cluster_name: valueAfter(run, '-c'), task, secrets });
  await run.print(`Submitted sky.launch request: ${requestId}\n`);
}

async function dryRun(run: SkyRun): Promise<void> {
  const dag = await readFile(run.words.at(-1) ?? '', 'utf8');
  const id = await submit(run, '/optimize', { dag });
  const response = await ask(run, `/api/stream?request_id=${id}`);
  await run.print(await response.text());
}

async function down(run: SkyRun, clusterName: string): Promise<void> {
  try {
    await valueOf(run, await submit(run, '/down', { cluster_name: clusterName }));
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('ClusterDoesNotExist'))) throw error;
    await run.print(`Cluster ${clusterName} was not found. Skipped.\n`);
  }
}

async function printApiLogs(run: SkyRun, requestId: string): Promise<void> {
  await printStream(run, await ask(run, `/api/stream?request_id=${requestId}`));
  await valueOf(run, requestId);
}

async function printJobLog(run: SkyRun, clusterName: string): Promise<void> {
  const follow = !run.words.includes('--no-follow');
  const body = JSON.stringify({ cluster_name: clusterName, follow });
  await printStream(run, await ask(run, '/logs', { method: 'POST', body }));
}

async function printStatus(run: SkyRun): Promise<void> {
  const named = run.words.slice(3).filter((word) => word !== '--refresh');
  const refresh = run.words.includes('--refresh') ? 'FORCE' : 'NONE';
  const body = { cluster_names: named.length > 0 ? named : null, refresh };
  const clusters = await valueOf(run, await submit(run, '/status', body));
  await run.print(`${JSON.stringify(clusters)}\n`);
}

async function printEndpoint(run: SkyRun): Promise<void> {
  const requestId = await submit(run, '/endpoints', { cluster: run.words.at(-1) });
  const endpoints = (await valueOf(run, requestId)) as Record<string, string>;
  await run.print(`${endpoints[valueAfter(run, '--endpoint')]}\n`);
}

async function printRequests(run: SkyRun): Promise<void> {
  const answer = await ask(run, `/api/status?cluster_name=${valueAfter(run, '-c')}`);
  const records = (await answer.json()) as object[];
  // As the real program: the records name their clusters only when it is called with -v.
  const shown = run.words.includes('-v')
    ? records
    : records.map((record) => ({ ...record, cluster_name: null }));
  await run.print(`${JSON.stringify(shown)}\n`);
}

async function submit(run: SkyRun, path: string, body: object): Promise<string> {
  const response = await ask(run, path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`ApiServerError: ${response.status}`);
  return response.headers.get('x-skypilot-request-id') ?? '';
}

async function valueOf(run: SkyRun, requestId: string): Promise<unknown> {
  const response = await ask(run, `/api/get?request_id=${requestId}`);
  const answer = (await response.json()) as RequestAnswer & { readonly detail: RequestAnswer };
  const record = response.status === 500 ? answer.detail : answer;
  const error = JSON.parse(record.error ?? 'null') as { type: string; message: string } | null;
  if (error !== null) throw new Error(`sky.exceptions.${error.type}: ${error.message}`);
  if (record.status === 'CANCELLED') {
    throw new Error(`sky.exceptions.RequestCancelled: ${requestId} was cancelled`);
  }
  return JSON.parse(record.return_value);
}

async function printStream(run: SkyRun, response: Response): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    await run.print(lines.map(plainLine).join(''));
  }
  await run.print(rest);
}

function plainLine(line: string): string {
  const text = line.replaceAll(/<sky-payload.*?<\/sky-payload>/g, '');
  return text !== '' || text === line ? `${text}\n` : '';
}

function ask(run: SkyRun, path: string, init: RequestInit = {}): Promise<Response> {
  const url = `${run.environment['SKYPILOT_API_SERVER_ENDPOINT']}${path}`;
  return fetch(url, { ...init, signal: run.signal });
}

function valueAfter(run: SkyRun, option: string): string {
  return run.words[run.words.indexOf(option) + 1] ?? '';
}
