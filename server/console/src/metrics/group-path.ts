import type { LaunchMetricsGroup } from '@launchlog/sdk';
import type { LaunchDimension } from '@launchlog/shared/launch-metrics';
import { nodesPath } from '../node/narrowing/narrowing.js';

const REACH_MS = { hour: 3_600_000, day: 86_400_000 } as const;

/** The list of the launches of a group; undefined where the list cannot be narrowed to them. */
export function groupPath(
  { group }: LaunchMetricsGroup,
  dimension: LaunchDimension,
  since: string | undefined,
): string | undefined {
  const value = group[dimension];
  if (typeof value !== 'string') return undefined;
  switch (dimension) {
    case 'provider':
      return nodesPath({ since }, { provider: value });
    case 'region':
      return nodesPath({ since, region: value });
    case 'gpu':
      return nodesPath({ since, gpu: value });
    case 'hour':
    case 'day': {
      const startMs = Date.parse(value);
      return nodesPath({
        since: new Date(startMs).toISOString(),
        until: new Date(startMs + REACH_MS[dimension]).toISOString(),
      });
    }
    case 'model':
    case 'spot':
    case 'orchestrator':
    case 'deployment':
    case 'created_by':
      return undefined;
  }
}
