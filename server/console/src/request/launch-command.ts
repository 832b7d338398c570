import type { LaunchedRequest } from '@launchlog/shared/launch-changes';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { launchBody } from './launch-body.js';

export const COMMAND_KINDS = ['curl', 'cli', 'sdk'] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/**
 * The launch as a command that does the same: for a shell, our command line, or a program. Tokens and the values of
 * secrets come from the environment. `serverUrl`: without a slash at its end.
 */
export function launchCommand(kind: CommandKind, serverUrl: string, launched: LaunchedRequest): string {
  switch (kind) {
    case 'curl':
      return curlCommand(serverUrl, launched);
    case 'cli':
      return cliCommand(serverUrl, launched);
    case 'sdk':
      return sdkProgram(serverUrl, launched);
  }
}

/** A task is given as the standard input. */
function cliCommand(serverUrl: string, launched: LaunchedRequest): string {
  const { taskYaml } = launched.request;
  const task = taskYaml === undefined ? '' : `printf %s ${shellWord(taskYaml)} | `;
  const words = cliWords(launched).map(shellWord).join(' ');
  return `${task}LAUNCHLOG_URL=${shellWord(serverUrl)} launchlog launch ${words}`;
}

function curlCommand(serverUrl: string, { request, secretNames }: LaunchedRequest): string {
  const body = JSON.stringify(snakeCaseKeys(launchBody(request)));
  const secrets = secretNames.map((name) => `"${name}":"'"$${name}"'"`).join(',');
  const quoted = body.replaceAll("'", String.raw`'\''`);
  const data = secretNames.length === 0 ? quoted : `${quoted.slice(0, -1)},"secrets":{${secrets}}}`;
  const line = String.raw`curl --fail-with-body -sS -X POST -H "X-Admin-Token: $LAUNCHLOG_TOKEN" \
  ${shellWord(`${serverUrl}/admin/nodes/launch`)} \
  -d '${data}'`;
  return line;
}

/** The flags of fields whose value follows them as it is. */
const FLAGS: Readonly<Record<string, string>> = {
  provider: '--provider',
  region: '--region',
  gpu: '--gpu',
  model: '--model',
  gpuCount: '--gpu-count',
  diskSize: '--disk',
  vllmArgs: '--vllm-args',
  tensorParallel: '--tensor-parallel',
  gpuMemoryUtilization: '--gpu-memory-utilization',
  deploymentId: '--deployment',
  tenantId: '--tenant',
  streamerConcurrency: '--streamer-concurrency',
  streamerMemoryLimit: '--streamer-memory-limit',
  image: '--image',
  vllmVersion: '--vllm-version',
  vllmIndex: '--vllm-index',
  endpointAuth: '--endpoint-auth',
  simulatorScenario: '--scenario',
};
/** The flags that are repeated for each pair. */
const PAIRS: Readonly<Record<string, string>> = { labels: '--label', envs: '--env' };

/** The words after `launchlog launch`, unquoted. */
export function cliWords({ request, secretNames }: LaunchedRequest): string[] {
  const { useSpot, useRunaiStreamer, keepOnFailure, anyOf, taskYaml, ready, ...fields } = launchBody(request);
  const words = Object.entries(fields).flatMap(([name, value]) => {
    const flag = FLAGS[name];
    if (flag !== undefined) return [flag, String(value)];
    const pair = PAIRS[name];
    return pair === undefined ? unknownField(name, value) : pairsOf(pair, value);
  });
  return [
    ...(taskYaml === undefined ? [] : ['--task-file', '-']),
    ...(typeof ready === 'object' && ready !== null ? readyFlags(ready) : []),
    ...words,
    ...(useSpot === false ? ['--on-demand'] : []),
    ...(useRunaiStreamer === true ? ['--streamer'] : []),
    ...(keepOnFailure === true ? ['--keep-on-failure'] : []),
    ...(Array.isArray(anyOf) ? anyOf.flatMap((machine: object) => ['--any-of', machineText(machine)]) : []),
    ...(secretNames.length === 0 ? [] : ['--secret', secretNames.join(',')]),
  ];
}

function readyFlags(ready: object): string[] {
  return Object.entries(ready).flatMap(([name, value]) => [`--ready-${name}`, String(value)]);
}

function pairsOf(flag: string, value: unknown): string[] {
  return Object.entries(value as Record<string, string>).flatMap(([name, text]) => [flag, `${name}=${text}`]);
}

function machineText(machine: object): string {
  return Object.entries(machine)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(',');
}

/** A field of a newer server: its flag is most likely named after it. */
function unknownField(name: string, value: unknown): string[] {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (typeof value === 'boolean') return value ? [flag] : [];
  return [flag, typeof value === 'string' ? value : JSON.stringify(value)];
}

function sdkProgram(serverUrl: string, { request, secretNames }: LaunchedRequest): string {
  const secrets = secretNames.map((name) => `    ${name}: env.${name} ?? '',\n`).join('');
  const fields = Object.entries(launchBody(request)).map(
    ([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`,
  );
  return `import { env } from 'node:process';
import { createLaunchlogClient } from '@launchlog/sdk';

const launchlog = createLaunchlogClient({ url: ${JSON.stringify(serverUrl)}, token: env.LAUNCHLOG_TOKEN });
const node = await launchlog.launchAndWait({
${fields.join('')}${secrets === '' ? '' : `  secrets: {\n${secrets}  },\n`}});
console.log(node.endpoint);
`;
}

/** As it is where a shell reads it as one word, else in single quotes. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
