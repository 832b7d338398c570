import { doubtfulName, isFreelyNamed, misplacedPlace } from '@launchlog/shared/place/misplaced-place';
import type { LaunchForm, LaunchFormErrors } from '../launch-form.js';

/** Regions and GPUs that launches have named before. */
export interface KnownPlaces {
  /** Those of the chosen provider, the most used first. */
  readonly regions: readonly string[];
  readonly gpus: readonly string[];
  /** Those of all providers. */
  readonly everyRegion: ReadonlySet<string>;
  /** Regions of the chosen provider that launches have reached. */
  readonly usedRegions: readonly string[];
}

/** The faults of names that the server would accept, and that are nevertheless in the wrong field. */
export function misplacedNames(form: LaunchForm, known: KnownPlaces): LaunchFormErrors {
  // A task names its own machine.
  if (form.taskYaml !== '') return {};
  const faults = form.anyOf.map((one) => {
    const { region, gpu } = misplacedPlace({ ...one, provider: one.provider || form.provider }, known);
    return region === undefined ? gpu && `gpu ${gpu}` : `region ${region}`;
  });
  const wrong = faults.findIndex((fault) => fault !== undefined);
  const anyOf = wrong === -1 ? {} : { anyOf: `Machine ${wrong + 1}: ${faults[wrong]}` };
  const { region, gpu } = misplacedPlace(form, known);
  return {
    ...(region !== undefined && { region: `${region}: name one, or leave it empty for any` }),
    ...(gpu !== undefined && { gpu: `${gpu}: name one, such as A100` }),
    ...anyOf,
  };
}

/** A remark on names that no launch here has used: they may be right. */
export function doubts(
  form: Pick<LaunchForm, 'provider' | 'region' | 'gpu'>,
  known: KnownPlaces,
): { region?: string | undefined; gpu?: string | undefined } {
  const region = isFreelyNamed(form.provider) ? undefined : doubtText(form.region, known.usedRegions);
  return { region, gpu: doubtText(form.gpu, known.gpus) };
}

function doubtText(typed: string, known: readonly string[]): string | undefined {
  const doubtful = doubtfulName(typed, known);
  if (doubtful === undefined) return undefined;
  const { meant } = doubtful;
  return `No launch here has used it before.${meant === undefined ? '' : ` Did you mean ${meant}?`}`;
}
