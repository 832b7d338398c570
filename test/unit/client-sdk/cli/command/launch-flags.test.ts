import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { addLaunchFlags, launchRequestOf } from '@launchlog/sdk/cli/command/launch-flags';
import type { LaunchFlags } from '@launchlog/sdk/cli/command/launch-flags';

function requestOf(...words: string[]) {
  const command = addLaunchFlags(new Command('launch')).exitOverride();
  command.parse(words, { from: 'user' });
  return launchRequestOf(command.opts<LaunchFlags>(), {});
}

const TASK = 'resources: {infra: aws}\nrun: serve\n';

describe('the flags of a launch', () => {
  test('with a task, nothing else is required', () => {
    expect(requestOf('--task-file', TASK)).toEqual({ taskYaml: TASK });
  });

  test('describe the probe of a task', () => {
    const words = ['--ready-path', '/up', '--ready-port', '30000', '--ready-text', 'ok'];
    expect(requestOf('--task-file', TASK, ...words)).toEqual({
      taskYaml: TASK,
      ready: { path: '/up', port: 30_000, text: 'ok' },
    });
  });

  test.each([
    [[], /--model is required/],
    [['--task-file', TASK, '--disk', '512'], /--disk must not be given with task_yaml/],
    [['--task-file', TASK, '--vllm-args', '--x'], /--vllm-args must not be given with task_yaml/],
    [['--task-file', TASK, '--ready-path', 'up'], /--ready-path, .* must be a path such as/],
    [['--task-file', ''], /--task-file must not be empty/],
    [
      ['--provider', 'aws', '--gpu', 'A100', '--model', 'm', '--ready-port', '1'],
      /is only for a launch with task_yaml/,
    ],
  ])('%j are refused, and the flag is named', (words, message) => {
    expect(() => requestOf(...words)).toThrow(message);
  });
});
