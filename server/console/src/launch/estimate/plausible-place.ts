import { PROVIDERS } from '@launchlog/sdk';
import type { LaunchForm, LaunchFormErrors } from '../launch-form.js';
import { GPU_SUGGESTIONS } from '../launch-suggestions.js';

/** Regions and GPUs that launches have named before. */
export interface KnownPlaces {
  /** Those of the chosen provider, the most used first. */
  readonly regions: readonly string[];
  readonly gpus: readonly string[];
  /** Those of all providers. */
  readonly everyRegion: ReadonlySet<string>;
}

/** Where a region is a name that somebody has chosen freely. */
const FREELY_NAMED: ReadonlySet<string> = new Set(['kubernetes', 'slurm', 'ssh']);
/** `us-west-2`, `europe-west4`, `eastus2`: what no GPU is called. */
const LIKE_A_REGION =
  /^(?:[a-z]{2}-[a-z]+-\d+[a-z]?|[a-z]+-[a-z]+\d+(?:-[a-z])?|(?:east|west|north|south|central)[a-z]*\d?)$/i;

/**
 * What the server would accept, and what is nevertheless in the wrong field: each would launch something else than was
 * meant. Names that nobody knows pass.
 */
export function misplacedNames(form: LaunchForm, known: KnownPlaces): LaunchFormErrors {
  // A task names its own machine.
  if (form.taskYaml !== '') return {};
  const faults = form.anyOf.map((one) => {
    const { region, gpu } = placeFaults({ ...one, provider: one.provider || form.provider }, known);
    return region === undefined ? gpu && `gpu ${gpu}` : `region ${region}`;
  });
  const wrong = faults.findIndex((fault) => fault !== undefined);
  const anyOf = wrong === -1 ? {} : { anyOf: `Machine ${wrong + 1}: ${faults[wrong]}` };
  return { ...placeFaults(form, known), ...anyOf };
}

function placeFaults(
  place: Pick<LaunchForm, 'provider' | 'region' | 'gpu'>,
  known: KnownPlaces,
): { region?: string; gpu?: string } {
  const region = place.region.trim().toLowerCase();
  const gpu = place.gpu.trim().toLowerCase();
  const isIn = (names: Iterable<string>, name: string) =>
    [...names].some((other) => other.toLowerCase() === name);
  const errors: { region?: string; gpu?: string } = {};
  if (!FREELY_NAMED.has(place.provider)) {
    if (isIn(PROVIDERS, region)) errors.region = `is a provider, not a region of ${place.provider}`;
    else if (isIn(GPU_SUGGESTIONS, region)) errors.region = 'is a GPU, not a region';
  }
  const isRegion = isIn(known.everyRegion, gpu) && !isIn(known.gpus, gpu);
  if (isIn(PROVIDERS, gpu)) errors.gpu = 'is a provider, not a GPU';
  else if (!isIn(GPU_SUGGESTIONS, gpu) && (isRegion || LIKE_A_REGION.test(gpu)))
    errors.gpu = 'is a region, not a GPU';
  return errors;
}
