import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { launchFailureOf } from '@launchlog/server/orchestrator/skypilot/launch-failure';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

/** Written after threads of skypilot-org/skypilot: #6982, #8820, #4005, #6964, #7030, #2983. */
const REPORTED = [
  [
    'RuntimeError',
    [
      'Failed to run setup commands on an instance. (exit code 1). Error: ===== stdout =====',
      'Requirement already satisfied: jsonschema',
      '===== stderr =====',
      'Traceback (most recent call last):',
      '  File "/root/skypilot-runtime/bin/ray", line 5, in <module>',
      "ModuleNotFoundError: No module named 'rpds.rpds'",
    ],
    "ModuleNotFoundError: No module named 'rpds.rpds' (Failed to run setup commands on an instance. (exit code 1).)",
  ],
  [
    'RuntimeError',
    [
      'Failed to run setup commands on an instance. (exit code 1). Error: ===== stdout =====',
      'something went wrong',
      '===== stderr =====',
    ],
    'something went wrong (Failed to run setup commands on an instance. (exit code 1).)',
  ],
  [
    'CommandError',
    [
      'Command which python3 failed with return code 255.',
      'Failed to get job status.',
      'Connection timed out during banner exchange',
    ],
    'Connection timed out during banner exchange (Failed to get job status.)',
  ],
  [
    'CommandError',
    [
      'Command mkdir -p ~/.sky/.runtime_files failed with return code 2.',
      'Failed to run command before rsync /tmp/x -> ~/.sky/.runtime_files.',
      '/bin/sh: 1: 31m: not found',
      '/bin/sh: 5: Syntax error: "(" unexpected',
    ],
    '/bin/sh: 5: Syntax error: "(" unexpected (Failed to run command before rsync /tmp/x -> ~/.sky/.runtime_files.)',
  ],
  [
    'CommandError',
    [
      'Command rsync -Pavz failed with return code 14.',
      'Failed to rsync up: /tmp/x -> ~/.sky/.runtime_files.',
      'rsync: [sender] Failed to exec ssh: Permission denied (13)',
      'rsync error: error in IPC code (code 14) at pipe.c(85) [sender=3.2.7]',
    ],
    'rsync: [sender] Failed to exec ssh: Permission denied (13) (Failed to rsync up: /tmp/x -> ~/.sky/.runtime_files.)',
  ],
  [
    'CommandError',
    [
      'Command sudo usermod -aG docker failed with return code 127.',
      'Failed to run docker setup commands.',
      'bash: sudo: command not found',
    ],
    'A command was not found: bash: sudo: command not found (Failed to run docker setup commands.)',
  ],
  [
    'CommandError',
    ['Command sky failed with return code 1.', 'Failed to fetch services'],
    'Command sky failed with return code 1.',
  ],
  [
    'RuntimeError',
    ['Failed to SSH to 10.0.0.2 after timeout 600s, with Timeout: it is not ready.', 'More'],
    'Failed to SSH to 10.0.0.2 after timeout 600s, with Timeout: it is not ready.',
  ],
  ['AssertionError', ['cpu_request should not be None'], 'AssertionError: cpu_request should not be None'],
  ['KeyError', ["'howlin'"], "KeyError: 'howlin'"],
] as const;

describe('the sentence about a failed launch', () => {
  test.each(REPORTED)('%s: %j', (type, lines, message) => {
    expect(launchFailureOf({ type, message: lines.join('\n') }).message).toBe(message);
  });

  test('leaves no line of the explanation unlogged', () => {
    const [type, lines] = REPORTED[0];
    expect(launchFailureOf({ type, message: lines.join('\n') }).rest).toEqual(lines);
  });

  test('has a hint for what the command printed', () => {
    const message =
      'Command apt failed with return code 1.\nFailed.\nE: Could not get lock /var/lib/dpkg/lock';
    expect(launchFailureOf({ type: 'CommandError', message }).hint).toContain('DPkg::Lock::Timeout');
  });
});

/** Written after threads of skypilot-org/skypilot: #8411, #4373, #4189, #2958. */
test.each([
  ['CloudError', 'runpod error (QueryError): Unauthorized', 'credentials'],
  ['Exception', 'ApiException: (401)\nReason: Unauthorized', 'credentials'],
  [
    'RuntimeError',
    'Failed to retrieve AWS regions. Please ensure that the `ec2:DescribeRegions` action is enabled for your AWS account in IAM.',
    'credentials',
  ],
  [
    'ResourcesUnavailableError',
    'Catalog and kubernetes cluster does not contain any instances satisfying the request:',
    'unknown',
  ],
  ['PermissionError', '[Errno 13] Permission denied', 'unknown'],
])('%s with %j is %s', (type, message, reason) => {
  expect(launchFailureOf({ type, message }).reason).toBe(reason);
});

test('what SkyPilot says about a failed runtime is shown with the step, and replaces it where it says more', () => {
  const told = (reason: 'unknown' | 'setup_failed', message: string) => {
    const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
    const text = '⨯ Failed to set up SkyPilot runtime on cluster.  View logs: x';
    observer.observe({ kind: 'line', stream: 'launch', text });
    return observer.observe({ kind: 'failed', reason, message })?.event;
  };
  expect(told('unknown', 'KeyError: 7')).toMatchObject({
    reason: 'setup_failed',
    message: "SkyPilot's runtime could not be set up on the instance: KeyError: 7",
  });
  expect(told('setup_failed', 'Failed to SSH to 10.0.0.2')).toMatchObject({
    reason: 'setup_failed',
    message: 'Failed to SSH to 10.0.0.2',
  });
});
