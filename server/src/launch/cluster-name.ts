import type { LaunchPlace } from '@launchlog/shared/launch-choice';
import { ANY, launchChoices } from '@launchlog/shared/launch-choice';

/** The name of every cluster begins with this and a hyphen. */
export const CLUSTER_PREFIX = 'cic';
const ID_CHARACTERS = 6;
/** The characters that are kept of the name of a Kubernetes context, which may be a long path. */
const CONTEXT_MAX_CHARACTERS = 24;

/**
 * For example `cic-aws-uswest2-a100-spot-550e84`: readable, and made unique enough by the first characters of the id. A part
 * that the request leaves open, or in which its alternatives differ, is `any`.
 */
export function clusterName(place: LaunchPlace, nodeId: string): string {
  const choices = launchChoices(place);
  const common = <Value>(values: readonly Value[]): Value | undefined =>
    values.every((value) => value === values[0]) ? values[0] : undefined;
  const spot = place.useSpot ?? common(choices.map((choice) => choice.spot));
  const parts = [
    CLUSTER_PREFIX,
    place.provider ?? common(choices.map(({ provider }) => provider)) ?? ANY,
    regionName(place.region ?? common(choices.map(({ region }) => region)) ?? ANY),
    (place.gpu ?? common(choices.map(({ gpu }) => gpu)) ?? ANY).toLowerCase(),
    spot === undefined ? ANY : spot ? 'spot' : 'od',
    nodeId.slice(0, ID_CHARACTERS),
  ];
  return parts.join('-');
}

/** `arn:aws:eks:us-east-1:1:cluster/team-a` is the context `team-a`. */
function regionName(region: string): string {
  if (/^[A-Za-z0-9._-]*$/.test(region)) return region.replaceAll('-', '');
  const last = region.split(/[:/@]/).findLast((part) => /[A-Za-z0-9]/.test(part)) ?? ANY;
  return last.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, CONTEXT_MAX_CHARACTERS);
}
