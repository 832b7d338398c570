import { skypilotTask } from '@launchlog/server/orchestrator/skypilot/task';
import type { SkypilotTaskOptions } from '@launchlog/server/orchestrator/skypilot/task';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { skypilotLaunchSpec } from './launch-spec.js';

interface Golden {
  readonly request?: Partial<LaunchRequestInput>;
  readonly secrets?: Record<string, string>;
  readonly options?: Partial<SkypilotTaskOptions>;
}

/** Requests whose tasks are kept as files: a change of a task shows in review, and the real parser reads them. */
export const GOLDEN_TASKS: Readonly<Record<string, Golden>> = {
  defaults: { request: { provider: 'aws', region: 'us-west-2', useSpot: true } },
  'other-regions': { options: { otherRegions: true } },
  'tensor-parallel': {
    request: { gpu: 'H100', gpuCount: 8, tensorParallel: 4, gpuMemoryUtilization: 0.9, diskSize: 1_024 },
  },
  'runai-streamer': {
    request: {
      model: 's3://models/llama-2-7b',
      useRunaiStreamer: true,
      streamerConcurrency: 16,
      streamerMemoryLimit: 5_368_709_120,
    },
  },
  'vllm-args': {
    request: {
      vllmArgs: `--max-model-len 4096 --rope-scaling '{"type": "linear", "factor": 2}' --seed "$(id)" it\\'s`,
    },
  },
  secrets: { secrets: { HF_TOKEN: 'hf_abc"\'\\ \n#: é😀', NO: 'on' } },
  'secrets-withheld': { secrets: { HF_TOKEN: 'hf_abc' }, options: { secrets: 'withheld' } },
  'any-of': {
    request: {
      provider: undefined,
      region: undefined,
      gpu: 'H100',
      anyOf: [
        { provider: 'lambda', region: 'us-east-1' },
        { provider: 'aws', gpu: 'A100', count: 8, spot: true },
        { provider: 'kubernetes', region: 'arn:aws:eks:us-east-1:1:cluster/team-a', gpu: 'L4' },
      ],
    },
  },
  'any-region': { request: { provider: 'gcp', region: undefined, gpu: 'L4', useSpot: true } },
  image: {
    request: {
      image: 'vllm/vllm-openai:v0.33.0',
      labels: { team: 'search', 'cost/center': '7' },
      envs: { VLLM_LOGGING_LEVEL: 'DEBUG', EMPTY: '', NO: '"$(id)\n: {{ x }}' },
      secrets: undefined,
    },
  },
  'vllm-version': {
    request: {
      vllmVersion: '0.32.0+cu129',
      vllmIndex: 'https://wheels.vllm.ai/0.32.0/cu129',
      model: '/models/llama',
    },
  },
  kubernetes: { request: { provider: 'kubernetes', region: 'gke_team.eu_prod', gpu: 'L4' } },
};

export function goldenTask(name: string): string {
  const golden = GOLDEN_TASKS[name];
  if (golden === undefined) throw new Error(`no golden task ${name}`);
  const spec = skypilotLaunchSpec(golden.request, {
    clusterName: 'cic-lambda-useast1-a100-od-550e84',
    secrets: golden.secrets ?? {},
  });
  return skypilotTask(spec, { otherRegions: false, secrets: 'included', ...golden.options });
}
