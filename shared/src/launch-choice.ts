/** One of the machines that a launch may take. */
export interface LaunchChoice<Provider extends string = string> {
  readonly provider: Provider;
  /** Undefined for any region of the provider. */
  readonly region: string | undefined;
  readonly gpu: string;
  /** The number of GPUs. */
  readonly count: number;
  readonly spot: boolean;
}

/** The fields of a request that choose its machines. */
export interface LaunchPlace<Provider extends string = string> {
  readonly provider?: Provider | undefined;
  readonly region?: string | undefined;
  readonly gpu?: string | undefined;
  readonly gpuCount?: number | undefined;
  readonly useSpot?: boolean | undefined;
  readonly anyOf?:
    | readonly {
        readonly provider?: Provider | undefined;
        readonly region?: string | undefined;
        readonly gpu?: string | undefined;
        readonly count?: number | undefined;
        readonly spot?: boolean | undefined;
      }[]
    | undefined;
}

/** Stands for what a request leaves open, in columns and names. */
export const ANY = 'any';

/** Providers without spot machines, as SkyPilot 0.14.1 knows them. There `use_spot` is false where it is absent. */
export const WITHOUT_SPOT: ReadonlySet<string> = new Set([
  'cudo',
  'do',
  'fluidstack',
  'hyperbolic',
  'kubernetes',
  'lambda',
  'paperspace',
  'scp',
  'seeweb',
  'shadeform',
  'slurm',
  'ssh',
  'vsphere',
  'yotta',
]);

/** Providers on which SkyPilot 0.14.1 cannot open a port, so that nobody could reach the model server. */
export const WITHOUT_PORTS: ReadonlySet<string> = new Set([
  'hyperbolic',
  'ibm',
  'mithril',
  'slurm',
  'verda',
  'vsphere',
]);

/**
 * The machines that a request allows: its alternatives, each completed by the request's own fields, or the one that it
 * names. An alternative without a provider or a GPU is left out.
 */
export function launchChoices<Provider extends string>(
  place: LaunchPlace<Provider>,
): readonly LaunchChoice<Provider>[] {
  return (place.anyOf ?? [{}]).flatMap((one) => {
    const provider = one.provider ?? place.provider;
    const gpu = one.gpu ?? place.gpu;
    if (provider === undefined || gpu === undefined) return [];
    // Another provider's regions have other names.
    const foreign = one.provider !== undefined && one.provider !== place.provider;
    const region = one.region ?? (foreign ? undefined : place.region);
    return {
      provider,
      region: region === ANY ? undefined : region,
      gpu,
      count: one.count ?? place.gpuCount ?? 1,
      spot: one.spot ?? place.useSpot ?? !WITHOUT_SPOT.has(provider),
    };
  });
}

/** The choice that stands for the launch until a machine was found. */
export function firstChoice<Provider extends string>(place: LaunchPlace<Provider>): LaunchChoice<Provider> {
  const [first] = launchChoices(place);
  if (first === undefined) throw new TypeError('the request names no provider or no GPU');
  return first;
}
