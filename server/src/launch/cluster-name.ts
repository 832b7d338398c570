import type { LaunchRequest } from '@launchlog/shared/launch-request';

const ID_CHARACTERS = 6;

/**
 * For example `cic-aws-uswest2-a100-spot-550e84`: readable, and made unique enough by the first characters of the id.
 */
export function clusterName(
  request: Pick<LaunchRequest, 'provider' | 'region' | 'gpu' | 'useSpot'>,
  nodeId: string,
): string {
  const parts = [
    'cic',
    request.provider,
    request.region.replaceAll('-', ''),
    request.gpu.toLowerCase(),
    request.useSpot ? 'spot' : 'od',
    nodeId.slice(0, ID_CHARACTERS),
  ];
  return parts.join('-');
}
