import { randomUUID } from 'node:crypto';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import type { LaunchRequest, LaunchRequestInput } from '@launchlog/shared/launch-request';
import type { NewNode } from '@launchlog/server/node/node-store';

/** A node to be created, as a launch of the usual request would make it. */
export function newNode(changes: Partial<NewNode> = {}): NewNode {
  const id = changes.id ?? randomUUID();
  return {
    id,
    clusterName: `cic-aws-uswest2-a100-spot-${id.slice(0, 6)}`,
    orchestrator: 'simulated',
    request: launchRequest(),
    secretNames: [],
    sealedSecrets: undefined,
    retryOf: undefined,
    createdBy: 'admin',
    idempotency: undefined,
    ...changes,
  };
}

export function launchRequest(changes: Partial<LaunchRequestInput> = {}): LaunchRequest {
  return launchRequestSchema.parse({
    provider: 'aws',
    region: 'us-west-2',
    gpu: 'A100',
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    ...changes,
  });
}
