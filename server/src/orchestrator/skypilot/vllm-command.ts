import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { ShellWordsError, splitShellWords } from './shell-words.js';

/** Arguments that Launchlog sets: with another address or a key, the probes would not find the server. */
const RESERVED = ['--host', '--port', '--uds', '--api-key', '--ssl-keyfile', '--ssl-certfile', '--root-path'];

/** Returns the command that serves the model, as a list of arguments. */
export function vllmCommand(request: LaunchRequest, port: number): string[] {
  return [
    'vllm',
    'serve',
    request.model,
    '--host',
    '0.0.0.0',
    '--port',
    String(port),
    '--tensor-parallel-size',
    String(request.tensorParallel ?? request.gpuCount),
    '--gpu-memory-utilization',
    String(request.gpuMemoryUtilization),
    ...streamerArguments(request),
    ...extraArguments(request.vllmArgs),
  ];
}

/** Returns the words of `vllmArgs`. Throws a `ShellWordsError` that explains what is wrong with them. */
export function extraArguments(vllmArgs: string): string[] {
  const words = splitShellWords(vllmArgs);
  for (const word of words) {
    // vLLM also accepts `--api_key` and `--api-key=…`.
    const flag = word.split('=')[0]?.replaceAll('_', '-') ?? '';
    const reserved = RESERVED.find((name) => name === flag);
    if (reserved === '--api-key')
      throw new ShellWordsError('must not have --api-key: Launchlog sets it, with endpoint_auth');
    if (reserved !== undefined) throw new ShellWordsError(`must not have ${reserved}: Launchlog sets it`);
  }
  return words;
}

/** Returns the names of the model in `/v1/models`. */
export function servedModelNames(request: LaunchRequest): string[] {
  const words = extraArguments(request.vllmArgs);
  const names: string[] = [];
  for (const [index, word] of words.entries()) {
    const [flag = '', value] = word.split('=', 2);
    if (flag.replaceAll('_', '-') !== '--served-model-name') continue;
    names.length = 0;
    if (value === undefined) names.push(...untilFlag(words.slice(index + 1)));
    else names.push(value);
  }
  return names.length > 0 ? names : [request.model];
}

function untilFlag(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => word.startsWith('-'));
  return end === -1 ? words : words.slice(0, end);
}

function streamerArguments(request: LaunchRequest): string[] {
  if (!request.useRunaiStreamer) return [];
  const extra = {
    ...(request.streamerConcurrency !== undefined && { concurrency: request.streamerConcurrency }),
    ...(request.streamerMemoryLimit !== undefined && { memory_limit: request.streamerMemoryLimit }),
  };
  const settings =
    Object.keys(extra).length > 0 ? ['--model-loader-extra-config', JSON.stringify(extra)] : [];
  return ['--load-format', 'runai_streamer', ...settings];
}
