import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { explainedOutput } from '@launchlog/server/launch/explained-output';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { recordedEndings } from '../../support/sample/recorded-ending.js';
import { BUILD_MS } from '../../support/within.js';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
beforeAll(() => buildWorkspaces(), BUILD_MS);

const program = () => createRequire(import.meta.url).resolve('@launchlog/server/explain');

function explain(...words: readonly string[]): Record<string, unknown>[] {
  const printed = execFileSync(process.execPath, [program(), ...words], { encoding: 'utf8' });
  return printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a start that succeeded: each line that moves the launch, and no reason', () => {
  const parts = explain(`${fixtures}/vllm/success.pipe.raw`);
  const progress = parts.slice(0, -1).map((part) => Number(part['progress']));
  expect(progress.length).toBeGreaterThan(4);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(parts.at(-2)).toMatchObject({ phase: 'model_loading', progress: 85, level: 'info' });
  expect(parts.at(-1)).toEqual({ reason: null, message: null, hint: null });
});

test('a failure: its reason, message and hint come last', () => {
  expect(explain('--stream', 'job', `${fixtures}/vllm/truncated-shard.pipe.raw`).at(-1)).toEqual({
    reason: 'model_load_failed',
    message: expect.stringContaining('incomplete metadata'),
    hint: expect.stringContaining('Launch again'),
  });
});

test('output of a setup is recognised, and may be named', () => {
  for (const words of [[], ['--stage', 'setup']]) {
    expect(explain(...words, `${fixtures}/uv/c-disk-full.raw`).at(-1)).toMatchObject({
      reason: 'setup_failed',
      message: expect.stringContaining('No space left on device'),
      hint: expect.stringContaining('disk_size'),
    });
  }
});

test('output of SkyPilot: phases, and the answer of the cloud', () => {
  const lines = [
    'Launching on AWS us-east-1 (us-east-1a).',
    'W 11-23 11:22:48.251 PID=1 instance.py:125] error: InsufficientInstanceCapacity: no capacity',
    'Failed to acquire resources in all zones in us-east-1',
  ];
  const parts = [...explainedOutput({ lines })];
  expect(parts[0]).toMatchObject({ line: 1, phase: 'provisioning' });
  expect(parts.at(-1)).toMatchObject({
    reason: 'no_capacity',
    message: expect.stringContaining('InsufficientInstanceCapacity'),
  });
  const up = [...explainedOutput({ lines: [...lines, '✓ Instance is up.'] })];
  expect(up.at(-1)).toMatchObject({ reason: null });
});

test('every recorded ending is recognised without a flag', () => {
  for (const [kind, reason] of [
    ['vllm', 'model_load_failed'],
    ['uv', 'setup_failed'],
  ] as const) {
    const wrong = [...recordedEndings(kind)].filter(([, lines]) => {
      const end = [...explainedOutput({ lines })].at(-1);
      return end !== undefined && 'reason' in end && end.reason !== reason && end.reason !== null;
    });
    expect(wrong.map(([name]) => name)).toEqual([]);
  }
});

test.each([
  ['setup', ['bash: line 3: uv: command not found']],
  ['setup', ['/tmp/x.sh: line 6:   812 Killed                  pip3 install vllm']],
  [
    'setup',
    [
      'Traceback (most recent call last):',
      '  File "/a/setup_env.py", line 1',
      'OSError: [Errno 28] No space',
    ],
  ],
  ['setup', ['ERROR: Could not find a version that satisfies the requirement vllm==99']],
  ['model', ['bash: line 3: vllm: command not found']],
  ['model', ['/home/sky/run.sh: line 6:   812 Killed                  vllm serve a/b']],
  [
    'model',
    ['Traceback (most recent call last):', '  File "/a/serve.py", line 1', 'OSError: [Errno 28] No space'],
  ],
  [
    'model',
    [
      'Traceback (most recent call last):',
      '  File "/x/site-packages/vllm/v1/engine/core.py", line 1',
      'RuntimeError: the setup.sh of the cache is gone',
    ],
  ],
])('what is nothing but errors is of the %s whose programs it names: %j', (kind, lines) => {
  const end = [...explainedOutput({ lines })].at(-1);
  const reason = kind === 'setup' ? 'setup_failed' : 'model_load_failed';
  expect(end).toMatchObject({ reason });
});

test.each([[[]], [['--stream', 'neither', 'x']], [['a', 'b']], [['/nowhere/at/all']]])(
  'what it cannot do ends with 2 and one line: %j',
  (words) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [program(), ...words], {
      encoding: 'utf8',
    });
    expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1]);
  },
);
