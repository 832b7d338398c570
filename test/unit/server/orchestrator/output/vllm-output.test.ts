import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseVllmLine } from '@launchlog/server/orchestrator/output/vllm-output';

function fixture(name: string): string[] {
  return readFileSync(new URL(`../../../../fixtures/vllm/${name}.log`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
}

describe.each(['serve-v2', 'serve-v1', 'serve-v0', 'serve-streamer'])('the start of vLLM in %s', (name) => {
  const lines = fixture(name).map((line) => parseVllmLine(line));
  const events = lines.flatMap(({ event }) => event ?? []);

  test('moves through increasing progress of loading to complete', () => {
    const kinds = [...new Set(events.map(({ kind }) => kind))];
    expect(kinds).toEqual(['model_loading_step', 'startup_complete']);
    const fractions = events.flatMap((event) => (event.kind === 'model_loading_step' ? event.fraction : []));
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.length).toBeGreaterThan(3);
    expect(Math.max(...fractions)).toBeLessThan(1);
  });

  test('counts the shards, or the tensors of a streamer', () => {
    const one = name === 'serve-streamer' ? 'tensor' : 'shard';
    const counted = lines.flatMap(({ details }) => (details?.[one] === undefined ? [] : [details]));
    expect(counted.length).toBeGreaterThanOrEqual(3);
    expect(counted.at(-1)?.[one]).toBe(counted.at(-1)?.[`${one}s`]);
  });

  test('has no prefixes', () => {
    for (const { message } of lines) {
      expect(message).not.toMatch(/pid=|^(?:INFO|WARNING)|\d\d-\d\d \d\d:\d\d/);
    }
  });
});

test.each([
  ['Loading model from scratch...', 0.02],
  [
    'Loading safetensors using InstantTensor loader:  50% Completed | 6.02G/12.0G [00:02<00:02, 3.01GB/s]',
    0.5,
  ],
  ['Loading safetensors using Runai Model Streamer: 100% Completed | 291/291 [00:04<00:00, 63.10it/s]', 0.65],
  ['Capturing CUDA graphs (mixed prefill-decode, PIECEWISE): 100%|██████████| 67/67 [00:03<00:00]', 0.88],
  ['Capturing prefill CUDA graphs (PIECEWISE): 100%|██████████| 67/67 [00:03<00:00]', 0.88],
  ['Capturing CUDA graphs (decode, FULL):   0%|          | 0/35 [00:00<?, ?it/s]', 0.88],
  ['Capturing decode CUDA graphs (FULL): 100%|██████████| 35/35 [00:02<00:00]', 0.94],
  ['Capturing CUDA graphs: 100%|██████████| 35/35 [00:02<00:00]', 0.94],
] as const)('%j moves the launch to %j of its loading', (line, fraction) => {
  for (const prefix of [
    '',
    '(Worker_TP3 pid=9) ',
    '(EngineCore pid=1) (RayWorkerProc pid=22, ip=10.0.0.2) ',
    '(pid=7) ',
  ]) {
    const { event } = parseVllmLine(prefix + line);
    expect(event).toEqual({ kind: 'model_loading_step', fraction: expect.closeTo(fraction) });
  }
});

test('a few fetched files are configuration, and move nothing', () => {
  const line = 'Fetching 6 files: 100%|██████████| 6/6 [00:00<00:00, 2605.43it/s]';
  expect(parseVllmLine(line).event).toBeUndefined();
});

describe('a line of vLLM', () => {
  test.each([
    ['Model loading took 14.99 GiB memory and 33.7 seconds', { gpu_memory_gib: 14.99 }],
    ['Loading model weights took 12.5523 GB', { gpu_memory_gib: 12.5523 }],
    ['GPU KV cache size: 469,488 tokens', { kv_cache_tokens: 469_488 }],
    ['Available KV cache memory: 57.31 GiB', { kv_cache_gib: 57.31 }],
    ['Time spent downloading weights for a/b: 28.402611 seconds', { download_seconds: 28.402611 }],
    ['Fetching 4 files:  25%|██▌       | 1/4 [00:05<00:15,  5.03s/it]', { file: 1, files: 4 }],
    ['Loading pt checkpoint shards:  50% Completed | 1/2 [00:01<00:01]', { shard: 1, shards: 2 }],
    [
      'Loading safetensors checkpoint shards (eager):  50% Completed | 1/2 [00:01<00:01]',
      { shard: 1, shards: 2 },
    ],
    ['vLLM API server version 0.20.1', { vllm_version: '0.20.1' }],
    ['vLLM server version 0.33.0, serving model a/b', { vllm_version: '0.33.0' }],
    [' ▄▄ ▄█ █     █     █ ▀▄▀ █  version 0.33.0', { vllm_version: '0.33.0' }],
    [
      'GPU + host KV cache size: 12,345 tokens, Maximum concurrency for 512 tokens',
      { kv_cache_tokens: 12_345 },
    ],
    ['Multi-thread loading shards:  50% Completed | 1/2 [00:01<00:01,  1.02s/it]', { shard: 1, shards: 2 }],
    [
      'Multi-thread loading pt checkpoint shards:  50% Completed | 1/2 [00:01<00:01]',
      { shard: 1, shards: 2 },
    ],
    ['Loading np_cache checkpoint shards:  50%|█████     | 1/2 [00:01<00:01]', { shard: 1, shards: 2 }],
    [
      'Loading safetensors using Runai Model Streamer:  50% Completed | 145/291 [00:02<00:02]',
      { tensor: 145, tensors: 291 },
    ],
  ])('%j has what it measures as details', (line, details) => {
    expect(parseVllmLine(`INFO 11-23 12:00:00 [x.py:1] ${line}`).details).toEqual(details);
  });

  test.each([
    ['INFO 11-23 12:00:00 [a.py:1] x', 'info'],
    ['DEBUG 11-23 12:00:00 [a.py:1] x', 'debug'],
    ['WARNING 11-23 12:00:00 [a.py:1] x', 'warn'],
    ['ERROR 11-23 12:00:00 [a.py:1] x', 'error'],
    ['CRITICAL 11-23 12:00:00 a.py:1] x', 'error'],
    ['(Worker_TP0 pid=1) ERROR 11-23 12:00:00.123 [v1/core.py:1] x', 'error'],
    ['(EngineCore_DP0 pid=1) (Worker pid=2) WARNING 11-23 12:00:00 [a.py:1] x', 'warn'],
    ['INFO:     x', 'info'],
    ['ERROR:    x', 'error'],
    ['x', 'info'],
  ])('%j is %s', (line, level) => {
    expect(parseVllmLine(line)).toMatchObject({ level, message: 'x' });
  });

  test('an error has its process and location as details', () => {
    const parsed = parseVllmLine('(EngineCore_DP0 pid=1) ERROR 11-23 12:00:00 [core.py:866] x');
    expect(parsed.details).toEqual({ process: 'EngineCore_DP0', location: 'core.py:866' });
  });

  test.each([
    '',
    'INFO',
    'INFO 11-23 12:00:00 [api_server.py:1] something new in a later version',
    'Loading safetensors checkpoint shards: soon',
    'I was told: Application startup complete.',
    '127.0.0.1:40000 - "GET /health HTTP/1.1" 200 OK',
    'Model loading took long',
    '%|0/0 [',
  ])('an unknown line changes nothing: %j', (line) => {
    expect(parseVllmLine(line).event).toBeUndefined();
  });

  test.each([
    '(a pid=1) ',
    'INFO ',
    '1',
    'Loading ',
    'Capturing CUDA graphs ',
    'Fetching 1 files: ',
    '100%',
    'init engine ',
    'OutOfMemoryError: ',
  ])('1 MB of %j is read without work that grows faster than it does', (unit) => {
    /** Sixteen times the longest line: quadratic work would exceed the test's time limit. */
    const line = unit.repeat(Math.ceil(1_048_576 / unit.length));
    expect(parseVllmLine(line)).toBeTypeOf('object');
  });
});

test("PyTorch's own warnings are warnings, with where they come from and without their prefix", () => {
  const line =
    '(EngineCore pid=272) [W1126 23:05:53.239756293 utils.cpp:68] Warning: NUMA binding: Using MEMBIND policy';
  expect(parseVllmLine(line)).toMatchObject({
    level: 'warn',
    message: 'NUMA binding: Using MEMBIND policy',
    details: { process: 'EngineCore', location: 'utils.cpp:68' },
  });
});
