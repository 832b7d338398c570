import { describe, expect, test } from 'vitest';
import { JobStreamReader } from '@launchlog/server/orchestrator/output/job-stream-reader';
import {
  parseJobControlLine,
  parseSetupLine,
  readJobPrefix,
} from '@launchlog/server/orchestrator/output/skypilot-job-output';

describe('the prefix of a line of the job', () => {
  test.each([
    ['\u001b[36m(setup pid=2383)\u001b[0m Collecting torch', 'setup', 'Collecting torch'],
    ['(setup pid=2383, ip=10.0.0.2) x', 'setup', 'x'],
    ['(setup, rank=1, pid=2383, ip=10.0.0.2) x', 'setup', 'x'],
    ['\u001b[36m(vllm, pid=2571)\u001b[0m INFO x', 'task', 'INFO x'],
    ['(task, pid=1) (EngineCore_DP0 pid=2) INFO x', 'task', '(EngineCore_DP0 pid=2) INFO x'],
    ['(head, rank=0, pid=12) x', 'task', 'x'],
    ['(worker1, rank=1, pid=12, ip=10.0.0.3) x', 'task', 'x'],
    ['\r(vllm, pid=1) bar', 'task', 'bar'],
    ['├── Waiting for task resources on 1 node.', 'skypilot', '├── Waiting for task resources on 1 node.'],
    ["ERROR: Job 1's setup failed.", 'skypilot', "ERROR: Job 1's setup failed."],
    ['(EngineCore_DP0 pid=2) INFO x', 'continued', '(EngineCore_DP0 pid=2) INFO x'],
    ['Loading 50%', 'continued', 'Loading 50%'],
    ['(see above) x', 'continued', '(see above) x'],
  ])('of %j is read as %s', (raw, origin, text) => {
    expect(readJobPrefix(raw)).toEqual({ origin, text });
  });
});

describe('the output of the setup script', () => {
  test('progresses from Python to the installed packages', () => {
    const lines = [
      'Using CPython 3.12.11',
      'Resolved 148 packages in 1.4s',
      'Downloading torch (858.1MiB)',
      'Prepared 148 packages in 24s',
      'Installed 148 packages in 1.9s',
    ];
    const fractions = lines.map((line) => {
      const { event } = parseSetupLine(line);
      return event?.kind === 'installing_step' ? event.fraction : -1;
    });
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBeGreaterThan(0.5);
  });

  test.each([
    ['Collecting vllm==0.20.1', 'info', 'installing_step'],
    ['Installing collected packages: a, b', 'info', 'installing_step'],
    ['Successfully installed vllm-0.20.1', 'info', 'installing_step'],
    [' + vllm==0.20.1', 'debug', undefined],
    ['Requirement already satisfied: pip', 'debug', undefined],
    ['WARNING: Running pip as root', 'warn', undefined],
    ['warning: `VIRTUAL_ENV` does not match', 'warn', undefined],
    ['ERROR: something', 'error', undefined],
    ['error: Failed to fetch', 'error', undefined],
    ['  × No solution found when resolving dependencies:', 'error', undefined],
    ['hello', 'info', undefined],
  ])('%j is %s and means %s', (line, level, kind) => {
    const parsed = parseSetupLine(line);
    expect(parsed.level).toBe(level);
    expect(parsed.event?.kind).toBe(kind);
  });
});

test.each([
  ["ERROR: Job 1's setup failed. Failed workers: (pid=1, returncode=1)", 'error', 'setup_failed'],
  ['ERROR: Job 1 failed with return code list: [1]', 'error', 'model_load_failed'],
  ['✓ Job finished (status: FAILED).', 'warn', undefined],
  ['✓ Job finished (status: SUCCEEDED).', 'info', undefined],
  ['INFO: Waiting 1s for the logs to be written...', 'info', undefined],
])('SkyPilot’s %j is %s', (line, level, reason) => {
  const parsed = parseJobControlLine(line);
  expect(parsed.level).toBe(level);
  expect(parsed.cause?.reason).toBe(reason);
});

describe('JobStreamReader', () => {
  test('names who printed a line, and attributes a line without a prefix to the line before', () => {
    const reader = new JobStreamReader();
    const sources = [
      '└── Job started. Streaming logs...',
      '(setup pid=1) pip install',
      'unprefixed part of a bar',
      'ERROR: Job 1 failed with return code list: [1]',
      'still the setup',
      '(vllm, pid=2) INFO hello',
      'a traceback line',
    ].map((line) => reader.line(line).source);
    expect(sources).toEqual(['skypilot', 'instance', 'instance', 'skypilot', 'instance', 'vllm', 'vllm']);
  });

  test('recognises lines of vLLM when it begins in the middle', () => {
    const line = 'Loading safetensors checkpoint shards:  50% Completed | 2/4 [00:02<00:02,  1.24s/it]';
    expect(new JobStreamReader().line(line)).toMatchObject({
      source: 'vllm',
      line: { details: { shard: 2 } },
    });
    expect(new JobStreamReader().line('hello').source).toBe('skypilot');
  });

  test('makes all lines of a traceback errors, up to the exception', () => {
    const reader = new JobStreamReader();
    const levels = [
      'Traceback (most recent call last):',
      '  File "x.py", line 1, in <module>',
      '    run()',
      'vllm.errors.EngineError: broken',
      'During handling of the above exception, another exception occurred:',
      'Traceback (most recent call last):',
      '  File "y.py", line 2, in run',
      'KeyboardInterrupt',
      'back to normal',
    ].map((line) => reader.line(`(vllm, pid=2) ${line}`).line?.level);
    expect(levels).toEqual([...Array(8).fill('error'), 'info']);
  });

  test('thins out a bar to its first state, every ten points and the end', () => {
    const reader = new JobStreamReader();
    const shown = Array.from({ length: 101 }, (_, percent) =>
      reader.line(`(vllm, pid=2) model.safetensors: ${percent}%|███ | ${percent}M/100M`),
    ).filter(({ line }) => line !== undefined);
    expect(shown.length).toBe(11);
    expect(shown.at(-1)?.line?.message).toContain('100%');
  });

  test('keeps bars apart by their names', () => {
    const reader = new JobStreamReader();
    const line = (name: string, percent: number) =>
      reader.line(`(vllm, pid=2) ${name}: ${percent}%|█| x`).line;
    expect(line('a', 50)).toBeDefined();
    expect(line('b', 51)).toBeDefined();
    expect(line('a', 52)).toBeUndefined();
    expect(line('b', 52)).toBeUndefined();
    expect(line('a', 3)).toBeDefined();
  });

  test('ignores an empty line', () => {
    expect(new JobStreamReader().line('(setup pid=1) ').line).toBeUndefined();
  });
});
