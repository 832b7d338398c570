import type { Node } from '@launchlog/shared/node';

/** A node in the middle of its launch. */
export function sampleNode(overrides: Partial<Node> = {}): Node {
  return {
    id: '550e8400-e29b-41d4-a716-446655440000',
    clusterName: 'cic-aws-uswest2-a100-spot-550e84',
    provider: 'aws',
    region: 'us-west-2',
    gpuType: 'A100',
    gpuCount: 1,
    modelName: 'meta-llama/Llama-2-7b-chat-hf',
    useSpot: true,
    status: 'launching',
    phase: 'provisioning',
    progress: 12,
    orchestrator: 'simulated',
    attempts: [],
    phaseStartedAt: '2026-01-01T00:00:00.000Z',
    phaseSeconds: {},
    stalled: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  };
}
