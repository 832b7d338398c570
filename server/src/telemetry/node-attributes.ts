import type { Node } from '@launchlog/shared/node';
import type { Attributes } from './telemetry-exporter.js';

/** Names of OpenTelemetry's semantic conventions where there is one, else our own below `launchlog.`. */
export function attributesOf(node: Node): Attributes {
  const known: Readonly<Record<string, string | number | boolean | undefined>> = {
    'launchlog.node.id': node.id,
    'launchlog.cluster.name': node.clusterName,
    'cloud.provider': node.provider,
    'cloud.region': node.region,
    'gen_ai.request.model': node.modelName,
    'launchlog.gpu.type': node.gpuType,
    'launchlog.gpu.count': node.gpuCount,
    'launchlog.spot': node.useSpot,
    'launchlog.status': node.status,
    'launchlog.orchestrator': node.orchestrator,
    'launchlog.deployment': node.deploymentId,
    'launchlog.tenant': node.tenantId,
    'launchlog.price_per_hour': node.pricePerHour,
    'launchlog.failure.reason': node.failureReason,
    'launchlog.loss.reason': node.lossReason,
    'launchlog.retry_of': node.retryOf,
    'launchlog.created_by': node.createdBy,
    'error.type': node.failureReason ?? node.lossReason,
  };
  return Object.fromEntries(
    Object.entries(known).filter(
      (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
    ),
  );
}

export function prefixed(prefix: string, details: Attributes | undefined): Attributes {
  return Object.fromEntries(
    Object.entries(details ?? {}).map(([name, value]) => [`${prefix}${name}`, value]),
  );
}
