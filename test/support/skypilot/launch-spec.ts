import { launchRequestSchema, type LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { LaunchSpec, Observation } from '@launchlog/server/orchestrator/orchestrator';

let launches = 0;

/** A launch on the rig's cloud with its own cluster name. */
export function skypilotLaunchSpec(
  request: Partial<LaunchRequestInput> = {},
  rest: Partial<Pick<LaunchSpec, 'secrets' | 'handle' | 'checkpoint' | 'clusterName'>> = {},
): LaunchSpec {
  launches += 1;
  return {
    nodeId: '550e8400-e29b-41d4-a716-446655440000',
    clusterName: `cic-lambda-useast1-a100-od-${process.pid.toString(16)}${launches.toString(16)}`,
    request: launchRequestSchema.parse({
      provider: 'lambda',
      region: 'us-east-1',
      gpu: 'A100',
      model: 'meta-llama/Llama-2-7b-chat-hf',
      useSpot: false,
      ...request,
    }),
    secrets: {},
    handle: undefined,
    checkpoint: undefined,
    ...rest,
  };
}

export function textOf(observations: readonly Observation[], stream?: 'launch' | 'job'): string {
  return observations
    .flatMap((one) =>
      one.kind === 'line' && (stream === undefined || one.stream === stream) ? [one.text] : [],
    )
    .join('\n');
}
