import type { LaunchEstimate } from '@launchlog/shared/cost/launch-estimate';
import type { Node } from '@launchlog/sdk';
import { COMMON_GPUS } from '@launchlog/shared/place/misplaced-place';
import type { KnownPlaces } from './plausible-place.js';

type Place = Pick<Node, 'provider' | 'region' | 'gpuType' | 'status'>;

/** Stands for a region that the launch did not name. */
const ANY_REGION = 'any';

/** From what was launched before, and from what the orchestrator offers now. */
export function knownPlaces(
  nodes: readonly Place[],
  estimate: LaunchEstimate | undefined,
  provider: string,
): KnownPlaces {
  // A launch that failed may have named what does not exist.
  const good = nodes.filter(({ status }) => status !== 'failed' && status !== 'launching');
  const offers = estimate?.offers ?? [];
  const own = good.filter((node) => node.provider === provider);
  const offered = offers
    .filter(({ cloud }) => cloud.toLowerCase() === provider)
    .flatMap(({ region }) => region ?? []);
  const regions = byUse([...offered, ...own.map(({ region }) => region)]);
  const isRegion = (name: string) => name !== ANY_REGION;
  return {
    regions: regions.filter(isRegion),
    gpus: [...new Set([...byUse(own.map(({ gpuType }) => gpuType)), ...COMMON_GPUS])],
    usedRegions: byUse(own.map(({ region }) => region)).filter(isRegion),
    everyRegion: new Set(good.map(({ region }) => region).filter(isRegion)),
  };
}

/** Each name once, the most frequent first. */
function byUse(names: readonly string[]): string[] {
  const uses = new Map<string, number>();
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return [...uses].toSorted(([, one], [, other]) => other - one).map(([name]) => name);
}
