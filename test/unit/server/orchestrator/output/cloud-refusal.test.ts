import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import { reasonOfCloudWords } from '@launchlog/server/orchestrator/output/cloud-refusal';
import { launchFailureOf } from '@launchlog/server/orchestrator/skypilot/launch-failure';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

const THROTTLED =
  'An error occurred (RequestLimitExceeded) when calling the RunInstances operation (reached max retries: 4): Request limit exceeded.';

describe("the cloud's words", () => {
  test.each([
    [THROTTLED, 'unknown'],
    ['ThrottlingException: Rate exceeded', 'unknown'],
    ["Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute'", 'unknown'],
    ['HTTP 429 Too Many Requests', 'unknown'],
    [
      'An error occurred (VcpuLimitExceeded) when calling RunInstances: You have requested more vCPU',
      'quota',
    ],
    ['Failed to pull image "a/b:1": ErrImagePull', 'setup_failed'],
    ['pod x: ImagePullBackOff', 'setup_failed'],
    [
      'An error occurred (ExpiredToken): The security token included in the request is expired',
      'credentials',
    ],
    ['An error occurred (InsufficientInstanceCapacity)', 'no_capacity'],
    ['(VolumeLimitExceeded) You have exceeded your maximum gp3 storage limit', 'quota'],
    [
      "{'code': 'LimitExceeded', 'message': 'The following service limits were exceeded: gpu4-count'}",
      'quota',
    ],
    ['QuotaFailure: violations: quota: "compute.instance.gpu.h200", limit: "0"', 'quota'],
    ['creating this/these droplet(s) will exceed your droplet limit', 'quota'],
    ['pods "x" is forbidden: exceeded quota: gpu-quota, requested: 8, limited: 4', 'quota'],
    ['Your account balance is too low to create a pod. Please add funds.', 'quota'],
    ['TokenRetrievalError: Token has expired and refresh failed', 'credentials'],
    ['NoCredentialsError: Unable to locate credentials', 'credentials'],
    ['RefreshError: Reauthentication is needed.', 'credentials'],
    ["Required 'compute.instances.create' permission for 'projects/p'", 'credentials'],
    ['pods is forbidden: User "sky" cannot create resource "pods"', 'credentials'],
    ['Unauthorized request, please check your API key.', 'credentials'],
    ["{'code': 'NotAuthorizedOrNotFound'}", 'credentials'],
    ['(SkuNotAvailable) The requested VM size is not available in location eastus.', 'no_capacity'],
    ['A VM instance is currently unavailable in the europe-west4-a zone.', 'no_capacity'],
    ['This machine does not have the resources to deploy your pod.', 'no_capacity'],
    ['(Unsupported) p3 is not supported in your requested Availability Zone', 'no_capacity'],
    ['no_such_ask Instance type by id 1 is not available.', 'no_capacity'],
    ['0/3 nodes are available: 3 Insufficient nvidia.com/gpu.', 'no_capacity'],
    ['Back-off pulling image "a/b:1"', 'setup_failed'],
    ['Launching on AWS us-east-1 (us-east-1a).', undefined],
    ['Waiting for instances to be ready: (0/1).', undefined],
    ['Considered resources (1 node):', undefined],
    ['Setting the limit of open files to 65536', undefined],
    ['something else', undefined],
  ])('%j mean %s', (words, reason) => {
    expect(reasonOfCloudWords(words)).toBe(reason);
  });
});

test.each([
  [THROTTLED, 'unknown', 'launch again in a few minutes'],
  ['Pod x failed: ErrImagePull', 'setup_failed', 'name and tag of the image'],
  ['An error occurred (ExpiredToken) when calling DescribeRegions', 'credentials', 'sky check'],
  ['(VcpuLimitExceeded) You have requested more vCPU', 'quota', 'higher quota'],
  ['(InsufficientInstanceCapacity) no capacity', 'no_capacity', 'Launch again later'],
  ['Insufficient funds', 'quota', 'Add funds'],
])('a launch that failed with %j has a reason of its own and a hint', (message, reason, hint) => {
  const failure = launchFailureOf({ type: 'ResourcesUnavailableError', message });
  expect(failure).toMatchObject({ reason, hint: expect.stringContaining(hint) });
});

test('offers that were throttled are no lack of machines, in the attempts and at the end', () => {
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
  const line = (text: string) => observer.observe({ kind: 'line', stream: 'launch', text });
  line('⚙︎ Launching on AWS us-east-1 (us-east-1a).');
  line(`W 11-23 11:22:48.251 PID=1 instance.py:125] run_instances error: ${THROTTLED}`);
  const refused = line(
    'sky.exceptions.ResourcesUnavailableError: Failed to acquire resources in all zones in us-east-1',
  );
  expect(refused?.event).toMatchObject({ kind: 'offer_failed', reason: 'unknown' });
  const end = observer.observe({
    kind: 'failed',
    reason: 'no_capacity',
    message: 'Failed to provision all possible launchable resources.',
  });
  expect(end?.event).toMatchObject({
    kind: 'failed',
    reason: 'unknown',
    message: expect.stringContaining('RequestLimitExceeded'),
    hint: expect.stringContaining('a few minutes'),
  });
});
