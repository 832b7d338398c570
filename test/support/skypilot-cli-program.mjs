#!/usr/bin/env node
// Speaks for SkyPilot's program `sky`, version 0.14.1. As the real one it is a client of the API server in
// SKYPILOT_API_SERVER_ENDPOINT: it prints the streams without their control text, and ends non-zero when a request fails.
import { readFile } from 'node:fs/promises';
import { valuesOf } from './dotenv-reader.mjs';

const endpoint = process.env['SKYPILOT_API_SERVER_ENDPOINT'];
const words = process.argv.slice(2);
const valueAfter = (option) => words[words.indexOf(option) + 1];

async function submit(path, body) {
  const response = await fetch(endpoint + path, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`ApiServerError: ${response.status}`);
  return response.headers.get('x-skypilot-request-id');
}

async function valueOf(requestId) {
  const response = await fetch(`${endpoint}/api/get?request_id=${requestId}`);
  const answer = await response.json();
  const record = response.status === 500 ? answer.detail : answer;
  const error = JSON.parse(record.error ?? 'null');
  if (error !== null) throw new Error(`sky.exceptions.${error.type}: ${error.message}`);
  if (record.status === 'CANCELLED')
    throw new Error(`sky.exceptions.RequestCancelled: ${requestId} was cancelled`);
  return JSON.parse(record.return_value);
}

async function print(response) {
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) printLine(line);
  }
  process.stdout.write(rest);
}

function printLine(line) {
  const text = line.replaceAll(/<sky-payload.*?<\/sky-payload>/g, '');
  if (text !== '' || text === line) process.stdout.write(`${text}\n`);
}

async function launch() {
  const secrets = words.includes('--secret-file')
    ? valuesOf(await readFile(valueAfter('--secret-file'), 'utf8'), process.env)
    : {};
  const task = await readFile(words.at(-1), 'utf8');
  const requestId = await submit('/launch', { cluster_name: valueAfter('-c'), task, secrets });
  console.log(`Submitted sky.launch request: ${requestId}`);
}

async function down(clusterName) {
  try {
    await valueOf(await submit('/down', { cluster_name: clusterName }));
  } catch (error) {
    if (!error.message.includes('ClusterDoesNotExist')) throw error;
    console.log(`Cluster ${clusterName} was not found. Skipped.`);
  }
}

async function printApiLogs(requestId) {
  await print(await fetch(`${endpoint}/api/stream?request_id=${requestId}`));
  await valueOf(requestId);
}

async function printStatus() {
  const clusters = await valueOf(await submit('/status', { cluster_names: [words.at(-1)] }));
  console.log(JSON.stringify(clusters));
}

async function printEndpoint() {
  const endpoints = await valueOf(await submit('/endpoints', { cluster: words.at(-1) }));
  console.log(endpoints[valueAfter('--endpoint')]);
}

async function printRequests() {
  const response = await fetch(`${endpoint}/api/status?cluster_name=${valueAfter('-c')}`);
  const records = JSON.parse(await response.text());
  // As the real program: the records name their clusters only when it is called with -v.
  const shown = words.includes('-v') ? records : records.map((record) => ({ ...record, cluster_name: null }));
  console.log(JSON.stringify(shown));
}

async function printJobLog(clusterName) {
  await print(
    await fetch(`${endpoint}/logs`, { method: 'POST', body: JSON.stringify({ cluster_name: clusterName }) }),
  );
}

const COMMANDS = {
  'launch -y': launch,
  'down -y': () => down(words[2]),
  'api status': printRequests,
  'api logs': () => printApiLogs(words[2]),
  'api cancel': async () => valueOf(await submit('/api/cancel', { request_ids: [words[3]] })),
  'status -o': printStatus,
  'status --endpoint': printEndpoint,
};

try {
  if (words[0] === 'logs') await printJobLog(words[1]);
  else await COMMANDS[`${words[0]} ${words[1]}`]();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
