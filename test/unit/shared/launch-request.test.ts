import { describe, expect, test } from 'vitest';
import { firstChoice, launchChoices } from '@launchlog/shared/launch-choice';
import { launchRequestSchema } from '@launchlog/shared/launch-request';

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

  test('are on demand where the provider has no spot machines and nothing is said', () => {
    expect(firstChoice(launchRequestSchema.parse({ ...LAUNCH, provider: 'lambda' })).spot).toBe(false);
  });

  test.each([
    [{ provider: undefined }, ['provider is required']],
    [{ provider: undefined, anyOf: [{ provider: 'aws' }, {}] }, ['provider is required']],
    [{ gpu: undefined, anyOf: [{ gpu: 'A100' }] }, []],
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
