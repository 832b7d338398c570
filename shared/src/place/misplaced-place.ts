import { PROVIDERS } from '../launch-request.js';
import { nearestName } from './nearest-name.js';

/** GPUs that many clouds have, as SkyPilot names them. */
export const COMMON_GPUS = [
  'A10',
  'A10G',
  'A100',
  'A100-80GB',
  'H100',
  'H200',
  'B200',
  'L4',
  'L40S',
  'T4',
  'V100',
] as const;

interface Place {
  readonly provider: string;
  /** Empty for any. */
  readonly region: string;
  readonly gpu: string;
}

/** What launches have named before. */
interface NamedBefore {
  readonly gpus: Iterable<string>;
  /** Of all providers. */
  readonly everyRegion: Iterable<string>;
}

/** Where a region is a name that somebody has chosen freely. */
const FREELY_NAMED: ReadonlySet<string> = new Set(['kubernetes', 'slurm', 'ssh']);
/** `us-west-2`, `europe-west4`, `eastus2`: what no GPU is called. */
const LIKE_A_REGION =
  /^(?:[a-z]{2}-[a-z]+-\d+[a-z]?|(?:us|eu|uk|ca|me|asia|europe|africa|australia|(?:north|south)america)-[a-z]+\d+(?:-[a-z])?|(?:east|west|north|south|central)[a-z]*\d?)$/i;

/**
 * What a server would accept, and what is nevertheless in the wrong field: each would launch something else than was
 * meant. Names that nobody knows pass. The faults follow the name of the field. See decision 194.
 */
export function misplacedPlace(
  place: Place,
  known: NamedBefore = { gpus: [], everyRegion: [] },
): { region?: string; gpu?: string } {
  const [region, gpu] = [place.region.trim(), place.gpu.trim()];
  const faults: { region?: string; gpu?: string } = {};
  if (!isFreelyNamed(place.provider)) {
    if (isIn(PROVIDERS, region)) faults.region = `is a provider, not a region of ${place.provider}`;
    else if (isIn(COMMON_GPUS, region)) faults.region = 'is a GPU, not a region';
  }
  const isRegion = isIn(known.everyRegion, gpu) && !isIn(known.gpus, gpu);
  if (isIn(PROVIDERS, gpu)) faults.gpu = 'is a provider, not a GPU';
  else if (!isIn(COMMON_GPUS, gpu) && (isRegion || LIKE_A_REGION.test(gpu)))
    faults.gpu = 'is a region, not a GPU';
  return faults;
}

/** Whether the provider's regions are names that somebody has chosen freely, such as those of clusters. */
export function isFreelyNamed(provider: string): boolean {
  return FREELY_NAMED.has(provider);
}

/** A name that is none of the known ones. */
interface DoubtfulName {
  /** The known name that was probably meant. */
  readonly meant: string | undefined;
}

/** Undefined where the name is known, is empty, or nothing is known that it could be compared with. */
export function doubtfulName(typed: string, known: readonly string[]): DoubtfulName | undefined {
  const name = typed.trim();
  if (name === '' || known.length === 0 || isIn(known, name)) return undefined;
  const meant = nearestName(name, known);
  // `us-west-1` is no slip of `us-west-2`.
  const differsInNumber = meant !== undefined && withoutNumbers(meant) === withoutNumbers(name);
  return { meant: differsInNumber ? undefined : meant };
}

function withoutNumbers(name: string): string {
  return name.toLowerCase().replace(/\d+/g, '#');
}

function isIn(names: Iterable<string>, name: string): boolean {
  return [...names].some((other) => other.toLowerCase() === name.toLowerCase());
}
