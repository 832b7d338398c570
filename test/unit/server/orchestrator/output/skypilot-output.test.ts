import { describe, expect, test } from 'vitest';
import { reasonOfCloudWords } from '@launchlog/server/orchestrator/output/cloud-refusal';
import { OptimizerTable } from '@launchlog/server/orchestrator/output/optimizer-table';
import {
  parseClusterEvent,
  parseLaunchLine,
  parseSpinner,
  readRefusal,
} from '@launchlog/server/orchestrator/output/skypilot-output';
import { plainText } from '@launchlog/server/orchestrator/output/terminal-text';

describe('a line of the launch stream', () => {
  test.each([
    ['\u001b[0m⚙︎ Launching on Lambda us-east-1\u001b[0m.', { cloud: 'Lambda', region: 'us-east-1' }],
    [
      '\u001b[0m⚙︎ Launching on AWS us-east-1\u001b[0m (us-east-1a).',
      { cloud: 'AWS', region: 'us-east-1', zone: 'us-east-1a' },
    ],
    [
      '⚙︎ Launching on GCP us-central1 (us-central1-a,us-central1-b).',
      { cloud: 'GCP', region: 'us-central1', zone: 'us-central1-a,us-central1-b' },
    ],
    ['⚙︎ Launching on Kubernetes.', { cloud: 'Kubernetes' }],
    ['⚙︎ Launching on SSH (pool-1).', { cloud: 'SSH', region: 'pool-1' }],
    ['Launching on RunPod CA (CA-MTL-1)', { cloud: 'RunPod', region: 'CA', zone: 'CA-MTL-1' }],
  ])('%j is an offer that is tried', (raw, offer) => {
    const { event, details } = parseLaunchLine(raw);
    expect(event).toMatchObject({ kind: 'offer_tried', offer });
    expect(details).toEqual(offer);
  });

  test.each([
    ['\u001b[2m└── \u001b[0m\u001b[2mInstance is up.\u001b[0m', 'Instance is up.', { kind: 'instance_up' }],
    ['└── Instances are up.', 'Instances are up.', { kind: 'instance_up' }],
    ['└── Pod is up.', 'Pod is up.', { kind: 'instance_up' }],
    ['├── Instance is up.', 'Instance is up.', { kind: 'instance_up' }],
    [
      '\u001b[0m\u001b[32m✓ Cluster launched: s1.\u001b[0m\u001b[0m  \u001b[2mView logs: \u001b[1msky logs --provision s1\u001b[0m\u001b[0m',
      'Cluster launched: s1.',
      { kind: 'installing_step' },
    ],
    ['\u001b[0m⚙︎ Syncing files.', 'Syncing files.', { kind: 'installing_step' }],
    [
      '\u001b[0m\u001b[32m✓ Setup detached.\u001b[0m\u001b[0m',
      'Setup detached.',
      { kind: 'installing_step' },
    ],
    ['\u001b[0m⚙︎ Job submitted, ID: 7', 'Job submitted, ID: 7', { kind: 'installing_step' }],
  ])('%j reads %j', (raw, message, event) => {
    const parsed = parseLaunchLine(raw);
    expect(parsed.message).toBe(message);
    expect(parsed.event).toMatchObject(event);
    expect(parsed.level).toBe('info');
  });

  test.each([
    [
      '\u001b[2mW 11-23 11:22:48.251 PID=17474 instance.py:125] run_instances error: x\u001b[0m',
      'warn',
      'run_instances error: x',
    ],
    ['E 11-23 11:22:48 instance.py:125] broken', 'error', 'broken'],
    ['D 11-23 11:22:48.251 PID=1 provision/aws/instance.py:9] detail', 'debug', 'detail'],
    ['I 11-23 11:22:48 optimizer.py:9] said', 'info', 'said'],
    [
      '\u001b[0m\u001b[31m⨯\u001b[0m Failed to provision resources. \u001b[2mView logs: \u001b[1msky logs --provision b1\u001b[0m',
      'error',
      'Failed to provision resources.',
    ],
    [
      '\u001b[0m\u001b[33m↺\u001b[0m Trying other potential resources.',
      'warn',
      'Trying other potential resources.',
    ],
    [
      'sky.exceptions.ResourcesUnavailableError: Failed to acquire resources in us-east-1.',
      'warn',
      'ResourcesUnavailableError: Failed to acquire resources in us-east-1.',
    ],
    ['Request 71cd cancelled by user', 'warn', 'Request 71cd cancelled by user'],
    ['Considered resources (1 node):', 'info', 'Considered resources (1 node):'],
    ['something nobody has seen before', 'info', 'something nobody has seen before'],
  ])('%j has the level %s', (raw, level, message) => {
    expect(parseLaunchLine(raw)).toMatchObject({ level, message });
  });

  test('a runtime that cannot be set up is remembered as the cause', () => {
    const parsed = parseLaunchLine(
      '\u001b[31m⨯\u001b[0m Failed to set up SkyPilot runtime on cluster.  View logs: x',
    );
    expect(parsed).toMatchObject({ level: 'error', cause: { reason: 'setup_failed' } });
  });

  test.each([
    '',
    '   ',
    '⚙︎',
    '[]',
    '(',
    '\u001b[0m',
    'Launching on',
    'Job submitted, ID:',
    'a'.repeat(65_536),
  ])('an unknown line changes nothing: %j', (raw) => {
    expect(parseLaunchLine(raw).event).toBeUndefined();
    expect(parseLaunchLine(raw).cause).toBeUndefined();
  });
});

describe('a spinner', () => {
  test.each([
    ['Launching - Checking instance status  View logs: sky logs --provision a2', 'provisioning_step'],
    ['Launching (2 pod(s) pending due to Insufficient nvidia.com/gpu)', 'provisioning_step'],
    ['Launching (Kubernetes cluster is autoscaling)', 'provisioning_step'],
    ['Launching - Waiting for SSH access', 'provisioning_step'],
    ['Preparing SkyPilot runtime (1/3 - initializing)', 'installing_step'],
    ['Launching - Preparing SkyPilot runtime', 'installing_step'],
    ['Running setup', 'installing_step'],
    ['Submitting job', 'installing_step'],
  ])('%j means %s', (text, kind) => {
    expect(parseSpinner(text).event?.kind).toBe(kind);
  });

  test('progresses through the three steps of the runtime', () => {
    const steps = [1, 2, 3].map((step) => parseSpinner(`Preparing SkyPilot runtime (${step}/3 - x)`).event);
    const fractions = steps.map((event) => (event?.kind === 'installing_step' ? event.fraction : -1));
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(new Set(fractions).size).toBe(3);
  });

  test('loses the hint at logs', () => {
    expect(parseSpinner('Launching  View logs: sky logs --provision a2').message).toBe('Launching');
  });

  test.each(['Optimizing', 'Looking for resources', 'Launching', 'a new one'])(
    '%j has no meaning',
    (text) => {
      expect(parseSpinner(text).event).toBeUndefined();
    },
  );
});

test.each([
  ["Instances launched on Lambda in Region(name='us-east-1')", 'provisioning_step'],
  ['Setting up SkyPilot runtime on cluster', 'instance_up'],
  ['Cluster successfully provisioned with 1 nodes', 'installing_step'],
  ['Provisioning on Lambda in us-east-1', undefined],
])('the cluster event %j means %s', (text, kind) => {
  expect(parseClusterEvent(text).event?.kind).toBe(kind);
});

describe('the optimizer’s table', () => {
  test.each([
    [
      '0.10 to 0.14',
      ' INFRA                INSTANCE      vCPUs   Mem(GB)   GPUS     COST ($)   CHOSEN   ',
      ' Lambda (us-east-1)   gpu_1x_a100   30      200       A100:1   1.29       \u001b[32m   ✔\u001b[0m     ',
      {
        offer: { cloud: 'Lambda', region: 'us-east-1', instance: 'gpu_1x_a100' },
        price: 1.29,
        gpus: 'A100:1',
      },
    ],
    [
      'before 0.10',
      ' CLOUD   INSTANCE       vCPUs   Mem(GB)   ACCELERATORS   REGION/ZONE     COST ($)   CHOSEN   ',
      ' AWS     p4d.24xlarge[Spot]   96   1152   A100:8   us-east-1   12.30',
      {
        offer: { cloud: 'AWS', region: 'us-east-1', instance: 'p4d.24xlarge' },
        price: 12.3,
        gpus: 'A100:8',
      },
    ],
    [
      'a Kubernetes context with brackets and blanks',
      ' INFRA   INSTANCE   vCPUs   Mem(GB)   GPUS   COST ($)   CHOSEN   ',
      ' Kubernetes (my ctx (1))   4CPU--16GB   4   16   L4:1   0.00   ✔ ',
      {
        offer: { cloud: 'Kubernetes', region: 'my ctx (1)', instance: '4CPU--16GB' },
        price: 0,
      },
    ],
  ])('is read as %s prints it', (_, head, row, offer) => {
    const table = new OptimizerTable();
    expect(table.read('-'.repeat(80))).toBe('frame');
    expect(table.read(head)).toBe('frame');
    expect(table.read(plainText(row))).toMatchObject(offer);
  });

  test('ends at a line that is not a row', () => {
    const table = new OptimizerTable();
    table.read(' INFRA   INSTANCE   vCPUs   Mem(GB)   GPUS   COST ($)   CHOSEN   ');
    expect(table.read('Multiple AWS instances satisfy A100:1.')).toBeUndefined();
    expect(table.read(' AWS (x)   p4d   96   1152   A100:8   12.30   ✔ ')).toBeUndefined();
  });

  test('without a header no line is a row', () => {
    expect(new OptimizerTable().read(' AWS (x)   p4d   96   1152   A100:8   12.30   ✔ ')).toBeUndefined();
  });
});

describe('a refusal', () => {
  test.each([
    [
      '\u001b[2mW 11-23 11:22:48.251 PID=1 instance.py:125] run_instances error: insufficient-capacity: None\u001b[0m',
      'words',
      'insufficient-capacity: None',
    ],
    [
      "sky.exceptions.ResourcesUnavailableError: Failed to acquire resources in all zones in us-east-1 for {Lambda({'A100': 1})}. ",
      'verdict',
      "Failed to acquire resources in all zones in us-east-1 for {Lambda({'A100': 1})}.",
    ],
    [
      'sky.exceptions.ResourcesUnavailableError: \u001b[33mFound no quota for p4d.24xlarge spot instances in region us-east-1 in AWS. \u001b[0mTo request quotas, check',
      'verdict',
      'Found no quota for p4d.24xlarge spot instances in region us-east-1 in AWS. To request quotas, check',
    ],
    [
      'ResourcesUnavailableError: Failed to provision on cloud AWS due to invalid cloud credentials: x',
      'verdict',
      'Failed to provision on cloud AWS due to invalid cloud credentials: x',
    ],
    [
      "No resource satisfying Lambda({'FOO': 1}) on Lambda.",
      'verdict',
      "No resource satisfying Lambda({'FOO': 1}) on Lambda.",
    ],
  ])('%j is read', (raw, kind, text) => {
    expect(readRefusal(raw)).toEqual({ kind, text });
  });

  test.each([
    'Launching on AWS us-east-1.',
    'I 11-23 11:22:48 a.py:1] error: not really',
    'Some error: of the user',
  ])('%j is no refusal', (raw) => {
    expect(readRefusal(raw)).toBeUndefined();
  });

  test.each([
    [
      'insufficient-capacity: Not enough capacity to fulfill launch request. Regions with capacity available: None',
      'no_capacity',
    ],
    [
      'An error occurred (InsufficientInstanceCapacity) when calling the RunInstances operation: We currently do not have sufficient p4d.24xlarge capacity',
      'no_capacity',
    ],
    [
      "ZONE_RESOURCE_POOL_EXHAUSTED: The zone 'us-central1-a' does not have enough resources available",
      'no_capacity',
    ],
    ['SkuNotAvailable: The requested size is currently not available', 'no_capacity'],
    ['There are no longer any instances available with the requested specifications', 'no_capacity'],
    ['0/3 nodes are available: 3 Insufficient nvidia.com/gpu.', 'no_capacity'],
    ['global/quota-exceeded: Quota exceeded for gpu_1x_a100', 'quota'],
    [
      '(VcpuLimitExceeded) You have requested more vCPU capacity than your current vCPU limit of 0 allows',
      'quota',
    ],
    ['MaxSpotInstanceCountExceeded: Max spot instance count exceeded', 'quota'],
    ["Quota 'NVIDIA_A100_GPUS' exceeded. Limit: 0.0 in region us-central1.", 'quota'],
    [
      'Operation could not be completed as it results in exceeding approved Total Regional Cores quota.',
      'quota',
    ],
    ['Found no quota for p4d.24xlarge', 'quota'],
    [
      'An error occurred (AuthFailure): AWS was not able to validate the provided access credentials',
      'credentials',
    ],
    [
      'An error occurred (UnauthorizedOperation): You are not authorized to perform this operation.',
      'credentials',
    ],
    ['Task requires aws which is not enabled.', 'credentials'],
    ['the dog ate the machine', undefined],
  ])('%j is for %s', (words, reason) => {
    expect(reasonOfCloudWords(words)).toBe(reason);
  });
});
