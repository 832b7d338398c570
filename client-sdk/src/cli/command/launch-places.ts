import {
  COMMON_GPUS,
  doubtfulName,
  isFreelyNamed,
  misplacedPlace,
} from '@launchlog/shared/place/misplaced-place';
import { PROVIDERS } from '@launchlog/shared/launch-request';
import type { Provider } from '@launchlog/shared/launch-request';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import { neutralise } from '../screen/neutralise.js';
import type { LaunchlogClient } from '../../launchlog-client.js';

/** A person waits at a question. */
const CALL = { timeoutMs: 4_000, maxRetries: 0 };
/** Names in a question. */
const NAMES_MAX = 5;

type PlaceField = 'region' | 'gpu';
type PlaceClient = Pick<LaunchlogClient, 'listNodes' | 'estimate'>;

interface KnownNames {
  readonly region: readonly string[];
  readonly gpu: readonly string[];
}

/** What is wrong with the fields of a machine, and what to do; nothing where the server shall judge. */
export function misplacedFault(
  field: PlaceField,
  place: { readonly provider?: string | undefined; readonly region?: string; readonly gpu?: string },
): string | undefined {
  const { provider = '', region = '', gpu = '' } = place;
  const fault = misplacedPlace({ provider, region, gpu })[field];
  if (fault === undefined) return undefined;
  return `'${place[field]}' ${fault}: ${field === 'region' ? 'name one, or leave it out for any' : 'name one, such as A100'}`;
}

/**
 * Regions and GPUs of a provider: those that its launches reached, and those that the orchestrator offers now. They are
 * asked for at once and in the background, and without an answer every name passes.
 */
export class LaunchPlaces {
  readonly #provider: string;
  readonly #known: Promise<KnownNames>;

  constructor(client: PlaceClient, provider: string) {
    this.#provider = provider;
    this.#known = readNames(client, provider);
  }

  /** A question about a name that nobody has used or offers; undefined for any other. */
  async doubt(field: PlaceField, name: string): Promise<string | undefined> {
    if (field === 'region' && isFreelyNamed(this.#provider)) return undefined;
    const known = (await this.#known)[field];
    const doubtful = doubtfulName(name, known);
    if (doubtful === undefined) return undefined;
    const names = known.slice(0, NAMES_MAX).join(', ');
    const remedy = doubtful.meant === undefined ? `Known are ${names}.` : `Did you mean ${doubtful.meant}?`;
    return neutralise(
      `No launch has used ${name} at ${this.#provider} so far, and it is not offered now. ${remedy}`,
      false,
    );
  }
}

async function readNames(client: PlaceClient, provider: string): Promise<KnownNames> {
  const isProvider = (name: string): name is Provider => PROVIDERS.some((each) => each === name);
  if (!isProvider(provider)) return { region: [], gpu: [] };
  const statuses = ['active', 'terminated', 'lost'] as const;
  const query = { provider, status: [...statuses], limit: NODE_LIST_MAX };
  const [used, offered] = await Promise.all([
    client.listNodes(query, CALL).then(
      ({ nodes }) => nodes,
      () => [],
    ),
    // Without a region, the answer names those where the GPU is.
    client.estimate({ provider, gpu: 'A100', model: 'any' }, CALL).then(
      ({ offers }) => offers,
      () => [],
    ),
  ]);
  const regions = [...offered.flatMap(({ region }) => region ?? []), ...used.map(({ region }) => region)];
  return {
    region: [...new Set(regions)].filter((region) => region !== 'any'),
    gpu: [...new Set([...used.map(({ gpuType }) => gpuType), ...COMMON_GPUS])],
  };
}
