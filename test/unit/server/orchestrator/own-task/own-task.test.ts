import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { checkedRequest } from '@launchlog/server/launch/request-check';
import { skypilotTask } from '@launchlog/server/orchestrator/skypilot/task';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { documentedTasks } from '../../../../support/docs/documented-tasks.js';

const SGLANG = `
envs: {MODEL: org/model}
resources:
  infra: lambda/us-east-1
  accelerators: H100:2
  ports: 30000
run: python -m sglang.launch_server --model-path $MODEL --port 30000
`;

function checked(taskYaml: string, rest: Partial<LaunchRequestInput> = {}) {
  return checkedRequest(launchRequestSchema.parse({ taskYaml, ...rest }), 'skypilot-api');
}

/** The task as Python's YAML 1.1 parser reads it. */
function taskOf(taskYaml: string, rest: Partial<LaunchRequestInput> = {}) {
  const { secrets = {}, ...request } = checked(taskYaml, rest);
  const spec = {
    nodeId: 'n',
    clusterName: 'cic-x',
    request,
    secrets,
    handle: undefined,
    checkpoint: undefined,
  };
  const text = skypilotTask(spec, { otherRegions: false, secrets: 'included' });
  return parse(text, { version: '1.1' }) as Record<string, unknown>;
}

describe("a caller's own task", () => {
  test('names the machine and the model of the node', () => {
    expect(checked(SGLANG)).toMatchObject({
      provider: 'lambda',
      region: 'us-east-1',
      gpu: 'H100',
      gpuCount: 2,
      useSpot: false,
      model: 'org/model',
    });
  });

  test('gets the name of the cluster, labels, variables and secrets, and keeps the rest', () => {
    const task = taskOf(`${SGLANG}name: mine\nnum_nodes: 2\nsecrets: {HF_TOKEN: null}\n`, {
      labels: { team: 'search' },
      envs: { MODEL: 'other/model', NO: 'yes' },
      secrets: { HF_TOKEN: 'hf_1"\n😀' },
      ready: { path: '/health_generate', port: 30_000 },
    });
    expect(task).toEqual({
      name: 'cic-x',
      num_nodes: 2,
      resources: {
        infra: 'lambda/us-east-1',
        accelerators: 'H100:2',
        ports: 30_000,
        labels: { team: 'search' },
      },
      envs: { MODEL: 'other/model', NO: 'yes' },
      secrets: { HF_TOKEN: 'hf_1"\n😀' },
      run: 'python -m sglang.launch_server --model-path $MODEL --port 30000',
    });
  });

  test('gets what it leaves open from the request, and the port of its model server', () => {
    const task = taskOf('resources: {disk_size: 512, ports: [22]}\nrun: serve\n', {
      provider: 'aws',
      region: 'us-west-2',
      gpu: 'A100',
      gpuCount: 8,
      useSpot: true,
    });
    expect(task['resources']).toEqual({
      disk_size: 512,
      infra: 'aws/us-west-2',
      accelerators: 'A100:8',
      use_spot: true,
      ports: [22, 8000],
    });
  });

  test.each([
    [8000, undefined, 8000],
    ['7000-9000', undefined, '7000-9000'],
    [['8000', 22], undefined, ['8000', 22]],
    [undefined, 30_000, 30_000],
    ['1-10', 11, ['1-10', 11]],
  ])('that opens %j and answers on %j opens %j', (ports, port, opened) => {
    const yaml = `resources: {infra: aws${ports === undefined ? '' : `, ports: ${JSON.stringify(ports)}`}}\nrun: serve\n`;
    const task = taskOf(yaml, { ready: { path: '/', ...(port !== undefined && { port }) } });
    expect(task['resources']).toMatchObject({ ports: opened });
  });

  test('with several machines has the first one until a machine was found', () => {
    const request = checked(
      'resources: {accelerators: {H100: 8, A100: 8}, any_of: [{infra: gcp}, {cloud: AWS, region: us-east-1, use_spot: true}]}\nrun: x\n',
    );
    expect(request).toMatchObject({ provider: 'gcp', gpu: 'H100', gpuCount: 8, useSpot: false });
    expect(request.anyOf).toEqual([
      { provider: 'gcp', region: undefined, gpu: 'H100', count: 8, spot: false },
      { provider: 'gcp', region: undefined, gpu: 'A100', count: 8, spot: false },
      { provider: 'aws', region: 'us-east-1', gpu: 'H100', count: 8, spot: true },
      { provider: 'aws', region: 'us-east-1', gpu: 'A100', count: 8, spot: true },
    ]);
  });

  test('without a GPU is one, and the name of a Kubernetes context may have slashes', () => {
    const infra = 'k8s/arn:aws:eks:us-east-1:1:cluster/team-a';
    expect(checked(`resources: {infra: "${infra}", cpus: 4}\nname: embed\nrun: x\n`)).toMatchObject({
      provider: 'kubernetes',
      region: 'arn:aws:eks:us-east-1:1:cluster/team-a',
      gpu: 'cpu',
      gpuCount: 0,
      model: 'embed',
    });
  });

  test.each([
    ['vllm serve "$M" \\\n  --port 8000', 'a/b'],
    ['exec vllm serve /models/x', '/models/x'],
    ['python -m vllm.entrypoints.openai.api_server --model=${M}', 'a/b'],
    ['text-embeddings-router --model-id a/c', 'a/c'],
    ['ollama serve & ollama pull llama3; wait', 'llama3'],
    ['vllm serve $(id)', 'task'],
    ['serve.sh', 'task'],
  ])('that runs %j serves %s', (run, model) => {
    const yaml = `envs: {M: a/b}\nresources: {infra: aws}\nrun: ${JSON.stringify(run)}\n`;
    expect(checked(yaml).model).toBe(model);
  });

  test('keeps no anchor, tag or comment, and text that looks like YAML stays text', () => {
    const yaml = `x_envs: &e {A: "NO"}\nrun: x\n`;
    expect(() => checked(yaml)).toThrow("must not have 'x_envs'");
    const task = taskOf(
      'resources: {infra: aws, labels: &l {a: "NO"}, image_id: "docker:x"}\nenvs: *l\nrun: |\n  # a: b\n  echo "{{ x }}"\n\n    é😀\n',
    );
    expect(task).toMatchObject({ envs: { a: 'NO' }, run: '# a: b\necho "{{ x }}"\n\n  é😀\n' });
  });
});

describe('a task that cannot be launched is refused, and the field is named', () => {
  const RUN = 'resources: {infra: aws}\nrun: x\n';

  test.each([
    ['run: [', 'taskYaml', /must be YAML: .*line 1/],
    ['- a', 'taskYaml', /must be a task/],
    ['run: x\n---\nrun: y', 'taskYaml', /one task/],
    ['resources: {infra: aws}', 'taskYaml', /must have 'run'/],
    ['run: x', 'provider', /is required/],
    [`${RUN}service: {}`, 'taskYaml', /must not have 'service'/],
    [`${RUN}workdir: .`, 'taskYaml', /workdir/],
    [`${RUN}workdir: {url: "file:///etc"}`, 'taskYaml', /workdir/],
    [`${RUN}file_mounts: {/a: /etc/passwd}`, 'taskYaml', /local file at \/a/],
    [`${RUN}file_mounts: {/a: ~/.aws}`, 'taskYaml', /local file/],
    [`${RUN}file_mounts: {/a: "file:///etc"}`, 'taskYaml', /local file/],
    [`${RUN}file_mounts: {/a: "skypilot:x"}`, 'taskYaml', /local file/],
    [`${RUN}file_mounts: {/a: {source: [s3://b, ./x]}}`, 'taskYaml', /local file/],
    [`${RUN}envs: {E: X}\nfile_mounts: {/a: "$E"}`, 'taskYaml', /local file/],
    [`${RUN}secrets: {HF_TOKEN: hf_x}`, 'taskYaml', /value of the secret HF_TOKEN/],
    [`${RUN}secrets: {HF_TOKEN: null}`, 'secrets', /must have HF_TOKEN/],
    [`${RUN}envs: {A: null}`, 'envs', /must have A/],
    ['resources: {infra: mars}\nrun: x', 'taskYaml', /known cloud/],
    [
      'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\nrun: x',
      'taskYaml',
      /anchors/,
    ],
    [`run: !!python/object/apply:os.system [id]\nresources: {infra: aws}`, 'taskYaml', /YAML/],
  ])('%j', (yaml, field, message) => {
    expect(() => checked(yaml)).toThrow(expect.objectContaining({ field }));
    expect(() => checked(yaml)).toThrow(message);
  });

  test.each([
    [{ diskSize: 512 }, 'diskSize'],
    [{ vllmArgs: '--x' }, 'vllmArgs'],
    [{ image: 'a' }, 'image'],
    [{ anyOf: [{ provider: 'aws', gpu: 'A100' }] }, 'anyOf'],
  ] as const)('with %j beside it', (rest, field) => {
    const parsed = launchRequestSchema.safeParse({ taskYaml: RUN, ...rest });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });

  test.each([
    [{ provider: 'gcp' }, 'provider'],
    [{ region: 'us-east-1' }, 'region'],
  ] as const)('with %j, which contradicts it', (rest, field) => {
    expect(() => checked(RUN, rest)).toThrow(expect.objectContaining({ field }));
  });

  test.each([
    { path: 'health' },
    { path: '/a b' },
    { path: '/a#b' },
    { port: 0 },
    { text: '' },
    { url: '/x' },
  ])('with the probe %j', (ready) => {
    expect(launchRequestSchema.safeParse({ taskYaml: RUN, ready }).success).toBe(false);
  });

  test('a probe without a task', () => {
    const parsed = launchRequestSchema.safeParse({ provider: 'aws', gpu: 'A100', model: 'm', ready: {} });
    expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual(['ready']);
  });
});

test.each(documentedTasks())('the documented example %s is accepted', (_, request) => {
  expect(checkedRequest(launchRequestSchema.parse(request), 'skypilot-api').provider).toBeDefined();
});
