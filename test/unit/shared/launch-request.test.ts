import { describe, expect, test } from 'vitest';
import { firstChoice, launchChoices } from '@launchlog/shared/launch-choice';
import { idempotencyKeySchema, launchRequestSchema } from '@launchlog/shared/launch-request';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'org/model' };

function faults(request: object): string[] {
  const parsed = launchRequestSchema.safeParse(request);
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);
}

describe('what reaches YAML and scripts', () => {
  test.each([
    ['image', 'vllm/vllm-openai'],
    ['image', 'vllm/vllm-openai:v0.33.0'],
    ['image', 'registry.example.com:5000/team/vllm:latest'],
    ['image', `ghcr.io/org/vllm@sha256:${'a'.repeat(64)}`],
    ['vllmVersion', '0.33.0'],
    ['vllmVersion', '0.33.0rc1.dev12+cu129'],
    ['vllmVersion', '0.11.1.post1'],
    ['vllmIndex', 'https://wheels.vllm.ai/0.33.0/cu129'],
    ['vllmIndex', 'https://download.pytorch.org/whl/cu129/'],
    ['model', '/models/llama-3/hf'],
    ['model', 's3://bucket/model'],
    ['labels', { team: 'search', 'cost/center': '' }],
    ['envs', { VLLM_LOGGING_LEVEL: 'DEBUG', EMPTY: '', TEXT: '"$(id)"\n: #' }],
  ])('%s may be %j', (field, value) => {
    expect(faults({ ...LAUNCH, [field]: value })).toEqual([]);
  });

  test.each([
    ['image', 'vllm/vllm-openai:v1; rm -rf /'],
    ['image', 'a b'],
    ['image', '$(id)'],
    ['image', 'a\nimage_id: b'],
    ['image', 'docker:vllm/x:y:z'],
    ['image', '-v'],
    ['image', "a'b"],
    ['image', '../../x'],
    ['vllmVersion', 'latest'],
    ['vllmVersion', '0.33.0 --extra-index-url x'],
    ['vllmVersion', '0.33.0;id'],
    ['vllmVersion', '0.33.0\n'],
    ['vllmIndex', 'http://wheels.vllm.ai/x'],
    ['vllmIndex', 'https://user:password@example.com/'],
    ['vllmIndex', 'https://example.com/ --index x'],
    ['vllmIndex', 'https://example.com/$(id)'],
    ['vllmIndex', 'https://example.com/?a=b'],
    ['model', '/models/../etc/passwd'],
    ['model', '//x y'],
    ['labels', { 'a: b': 'c' }],
    ['labels', { team: 'a\nb' }],
    ['labels', { team: '{{ x }}' }],
    ['envs', { 'a b': 'c' }],
    ['envs', { lower: 'c' }],
    ['envs', { SKYPILOT_X: 'c' }],
    ['envs', { A: 'b\0' }],
    ['envs', { A: 1 }],
    ['region', 'us-west-2/us-west-2a'],
    ['region', 'us west'],
  ])('%s must not be %j', (field, value) => {
    const found = faults({ ...LAUNCH, [field]: value });
    expect(found.length).toBeGreaterThan(0);
    expect(found.join()).toContain(field);
  });

  test.each(['arn:aws:eks:us-east-1:1:cluster/team-a', 'gke_team_eu_prod', 'admin@cluster.local'])(
    'a Kubernetes context may be called %s',
    (region) => {
      expect(faults({ ...LAUNCH, provider: 'kubernetes', region })).toEqual([]);
      expect(faults({ ...LAUNCH, anyOf: [{ provider: 'kubernetes', region }] })).toEqual([]);
    },
  );
});

describe('the machines that would do', () => {
  test('are the one that is named, in any region where none is named', () => {
    const { region: _, ...anywhere } = LAUNCH;
    expect(launchChoices(launchRequestSchema.parse(LAUNCH))).toEqual([
      { provider: 'aws', region: 'us-west-2', gpu: 'A100', count: 1, spot: true },
    ]);
    expect(firstChoice(launchRequestSchema.parse(anywhere))).toMatchObject({ region: undefined });
  });

  test('are the alternatives, each completed by the request', () => {
    const request = launchRequestSchema.parse({
      ...LAUNCH,
      gpuCount: 2,
      anyOf: [{ gpu: 'H100' }, { provider: 'lambda', count: 8 }, { region: 'us-east-1', spot: false }],
    });
    expect(launchChoices(request)).toEqual([
      { provider: 'aws', region: 'us-west-2', gpu: 'H100', count: 2, spot: true },
      { provider: 'lambda', region: undefined, gpu: 'A100', count: 8, spot: false },
      { provider: 'aws', region: 'us-east-1', gpu: 'A100', count: 2, spot: false },
    ]);
  });

  test('are on demand where the provider has no spot machines and use_spot is absent', () => {
    expect(firstChoice(launchRequestSchema.parse({ ...LAUNCH, provider: 'lambda' })).spot).toBe(false);
  });

  test.each([
    [{ provider: undefined }, ['provider is required']],
    [{ provider: undefined, anyOf: [{ provider: 'aws' }, {}] }, ['provider is required']],
    [{ gpu: undefined, anyOf: [{ gpu: 'A100' }] }, []],
    [{ model: undefined }, ['model is required']],
    [{ gpu: undefined, model: 7 }, ['gpu is required', 'model must be a string']],
    [
      { tensorParallel: 2, anyOf: [{ count: 2 }, { count: 1 }] },
      ['tensorParallel must not be larger than the number of GPUs'],
    ],
    [{ endpointAuth: 'secret' }, ["secrets must have VLLM_API_KEY, which endpoint_auth 'secret' needs"]],
    [{ endpointAuth: 'secret', secrets: { VLLM_API_KEY: 'k' } }, []],
    [
      { endpointAuth: 'generated', secrets: { VLLM_API_KEY: 'k' } },
      ["secrets must not have VLLM_API_KEY: endpoint_auth 'generated' makes it"],
    ],
    [{ envs: { VLLM_API_KEY: 'k' } }, ['envs must not have VLLM_API_KEY: it belongs into the secrets']],
    [{ endpointAuth: 'open' }, ['endpointAuth must be one of none, generated, secret']],
    [{ anyOf: [] }, ['anyOf must not be empty']],
    [
      { envs: { HF_TOKEN: 'x' }, secrets: { HF_TOKEN: 'y' } },
      ['envs must not have HF_TOKEN, which is among the secrets'],
    ],
  ])('%j is checked: %j', (changes, expected) => {
    expect(faults({ ...LAUNCH, ...changes }).toSorted()).toEqual(expected);
  });
});

/** What a field takes at most and at least, what is just beyond, and what the refusal names. */
const names = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`N${at}`, 'x']));
/** What a field needs beside it. */
const OTHERS: Readonly<Record<string, object>> = {
  relaunchUnreachableAfter: { onLoss: 'relaunch' },
  relaunchesPerHour: { onLoss: 'relaunch' },
  streamerConcurrency: { useRunaiStreamer: true },
  streamerMemoryLimit: { useRunaiStreamer: true },
};
const IN_INDEX = 'https://wheels.example/';

describe('the bounds of a field', () => {
  test.each<[string, readonly unknown[], readonly unknown[], string]>([
    ['image', ['a'.repeat(255)], ['a'.repeat(256)], 'at most 255 characters'],
    ['vllmVersion', [`0.1+${'a'.repeat(60)}`], [`0.1+${'a'.repeat(61)}`], 'at most 64 characters'],
    ['vllmIndex', [IN_INDEX.padEnd(500, 'a')], [IN_INDEX.padEnd(501, 'a')], 'at most 500 characters'],
    ['model', ['a'.repeat(200)], ['a'.repeat(201)], 'at most 200 characters'],
    ['model', ['a.b'], ['a..b'], "must not contain '..'"],
    ['vllmArgs', ['', '-x'.repeat(1_000)], ['x'.repeat(2_001)], 'at most 2000 characters'],
    ['vllmArgs', ['--a b'], ['a\nb', 'ä', '\0'], 'one line of printable ASCII'],
    ['maxHourlyCost', [0.01, 100_000], [0, -1, 100_001, Infinity], 'more than 0 and at most 100000'],
    ['envs', [names(32)], [names(33)], 'at most 32 names'],
    ['envs', [{ A: 'x'.repeat(4_096) }], [{ A: 'x'.repeat(4_097) }], 'at most 4096 characters'],
    ['envs', [{ A: '\u{1f600}' }], [{ A: '\ud800' }, { A: '\0' }], 'without NUL'],
    [
      'envs',
      [{ [`A${'B'.repeat(63)}`]: 'x' }],
      [{ [`A${'B'.repeat(64)}`]: 'x' }, { '1A': 'x' }],
      'must be an object of names',
    ],
    ['secrets', [names(32)], [names(33)], 'at most 32 names'],
    ['secrets', [{ A: 'x' }], [{ A: '' }], 'values must not be empty'],
    ['secrets', [{ A: 'x'.repeat(4_096) }], [{ A: 'x'.repeat(4_097) }], 'at most 4096 characters'],
    ['labels', [names(32)], [names(33)], 'at most 32 names'],
    ['labels', [{ a: 'x'.repeat(63) }], [{ a: 'x'.repeat(64) }, { a: '-' }], 'values must be at most 63'],
    [
      'labels',
      [{ ['a'.repeat(63)]: 'x' }],
      [{ ['a'.repeat(64)]: 'x' }, { '1a': 'x' }],
      'must be an object of names',
    ],
    ['region', ['a'.repeat(64)], ['', '-a', 'a'.repeat(129)], 'region'],
    ['gpu', ['A'.repeat(32)], ['', '1A', 'A'.repeat(33), 'A B'], 'must be an accelerator name'],
    ['gpuCount', [1, 16], [0, 17, 1.5], 'from 1 to 16'],
    [
      'anyOf',
      [Array.from({ length: 32 }, () => ({}))],
      [Array.from({ length: 33 }, () => ({}))],
      'at most 32 entries',
    ],
    ['anyOf', [[{ count: 16 }]], [[{ count: 17 }], [{ count: 0 }]], 'from 1 to 16'],
    ['gpuMemoryUtilization', [0.1, 1], [0.09, 1.01, '0.5'], 'must be a number from 0.1 to 1'],
    ['diskSize', [30, 16_384], [29, 16_385], 'from 30 to 16384'],
    ['streamerConcurrency', [1, 256], [0, 257], 'from 1 to 256'],
    ['streamerMemoryLimit', [-1, 0, 2 ** 40], [-2, 2 ** 40 + 1], 'from -1 to'],
    ['relaunchesPerHour', [1, 20], [0, 21], 'from 1 to 20'],
    [
      'terminateAfter',
      [1, '1m', '366d', 527_040],
      [0, '0m', '367d', 527_041, 1.5, '1w', '1', 'm'],
      'minutes from 1',
    ],
    ['relaunchUnreachableAfter', [2, '2m'], [1, '1m'], 'minutes from 2'],
    ['nodeId', ['550e8400-e29b-41d4-a716-446655440000'], ['x', ''], 'must be a UUID'],
    ['tenantId', ['acme'], ['', '../x'], 'must be 1 to 64 letters'],
    ['simulatorScenario', ['success'], ['explode'], 'must be one of'],
  ])('%s: %# is held on both sides', (field, good, bad, fault) => {
    const others = OTHERS[field] ?? {};
    for (const value of good) expect(faults({ ...LAUNCH, ...others, [field]: value })).toEqual([]);
    for (const value of bad) {
      expect(faults({ ...LAUNCH, ...others, [field]: value }).join()).toContain(fault);
    }
  });

  test.each<[object, string]>([
    [{ taskYaml: '' }, 'taskYaml must not be empty'],
    [{ taskYaml: 'x'.repeat(32_769) }, 'taskYaml must have at most 32768 characters'],
    [{ taskYaml: 'a\0' }, 'taskYaml must be text without NUL characters'],
    [{ taskYaml: 'a\ud800' }, 'taskYaml must be text without NUL characters'],
    [{ taskYaml: 'a', ready: { path: 'health' } }, 'ready.path must be a path'],
    [{ taskYaml: 'a', ready: { path: '/a#b' } }, 'ready.path must be a path'],
    [{ taskYaml: 'a', ready: { path: `/${'x'.repeat(200)}` } }, 'ready.path must be a path'],
    [{ taskYaml: 'a', ready: { port: 65_536 } }, 'ready.port must be a whole number from 1 to 65535'],
    [{ taskYaml: 'a', ready: { text: '' } }, 'ready.text must not be empty'],
    [{ taskYaml: 'a', ready: { text: 'x'.repeat(501) } }, 'ready.text must have at most 500 characters'],
    [{ taskYaml: 'a', ready: 'x' }, 'ready must be an object with path, port or text'],
    [{ misspelt: 1 }, 'Unrecognized key'],
  ])('%j is refused by a sentence', (changes, fault) => {
    expect(faults({ ...LAUNCH, ...changes }).join()).toContain(fault);
  });
});

test('an idempotency key has 1 to 255 printable characters', () => {
  for (const key of ['a', 'x'.repeat(255), 'a b~'])
    expect(idempotencyKeySchema.safeParse(key).success).toBe(true);
  for (const key of ['', 'x'.repeat(256), 'a\n', 'ä', '\0']) {
    expect(idempotencyKeySchema.safeParse(key).error?.issues[0]?.message).toContain('1 to 255 printable');
  }
});
