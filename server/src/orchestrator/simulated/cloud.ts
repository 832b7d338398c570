import type { LaunchChoice } from '@launchlog/shared/launch-choice';
import { firstChoice, launchChoices } from '@launchlog/shared/launch-choice';
import type { LaunchRequest, Provider } from '@launchlog/shared/launch-request';

/** One row of the optimizer's table. */
export interface SimulatedOffer {
  /** The name that SkyPilot prints. */
  readonly cloud: string;
  readonly region: string;
  readonly zone: string | undefined;
  readonly instance: string;
  readonly vCpus: number;
  readonly memoryGb: number;
  readonly gpus: string;
  readonly spot: boolean;
  /** US dollars per hour. */
  readonly price: number;
}

/** The two offers that would be tried: the first that the request allows, and the next one or another region. */
export function simulatedOffers(request: LaunchRequest): readonly [SimulatedOffer, SimulatedOffer] {
  const [first = firstChoice(request), next] = launchChoices(request);
  const region = regionOf(first);
  const second = next ?? { ...first, region: OTHER_REGIONS[first.provider]?.find((name) => name !== region) };
  // A little more expensive: otherwise the optimizer would have chosen it first.
  return [
    simulatedOffer(first, region, 1),
    simulatedOffer(second, next === undefined ? (second.region ?? `${region}-2`) : regionOf(next), 1.08),
  ];
}

/** The offers within the price limit of the request. */
export function affordableOffers(request: LaunchRequest): readonly SimulatedOffer[] {
  const { maxHourlyCost = Infinity } = request;
  return simulatedOffers(request).filter(({ price }) => price <= maxHourlyCost);
}

function regionOf({ provider, region }: LaunchChoice<Provider>): string {
  return region ?? OTHER_REGIONS[provider]?.[0] ?? 'us-east-1';
}

function simulatedOffer(choice: LaunchChoice<Provider>, region: string, factor: number): SimulatedOffer {
  const gpu = GPUS[choice.gpu.toUpperCase()] ?? GPU_DEFAULT;
  const hourly = gpu.dollars * choice.count * factor * (choice.spot ? SPOT_FACTOR : 1);
  return {
    cloud: CLOUD_NAMES[choice.provider] ?? capitalised(choice.provider),
    region,
    zone: ZONED.has(choice.provider) ? `${region}${choice.provider === 'gcp' ? '-a' : 'a'}` : undefined,
    instance: instanceName(choice),
    vCpus: gpu.vCpus * choice.count,
    memoryGb: gpu.memoryGb * choice.count,
    gpus: `${choice.gpu}:${choice.count}`,
    spot: choice.spot,
    price: Math.round(hourly * 100) / 100,
  };
}

/** The memory of one GPU in GiB, as its driver reports it. */
export function gpuMemoryGib(gpu: string): number {
  return (GPUS[gpu.toUpperCase()] ?? GPU_DEFAULT).gib;
}

const SPOT_FACTOR = 0.38;

interface Gpu {
  readonly dollars: number;
  readonly gib: number;
  readonly vCpus: number;
  readonly memoryGb: number;
}

const GPU_DEFAULT: Gpu = { dollars: 1.6, gib: 47.5, vCpus: 16, memoryGb: 96 };

const GPUS: Readonly<Record<string, Gpu>> = {
  T4: { dollars: 0.53, gib: 14.58, vCpus: 4, memoryGb: 16 },
  L4: { dollars: 0.8, gib: 22.03, vCpus: 8, memoryGb: 32 },
  A10: { dollars: 0.75, gib: 21.99, vCpus: 30, memoryGb: 200 },
  A10G: { dollars: 1.01, gib: 21.99, vCpus: 4, memoryGb: 16 },
  V100: { dollars: 3.06, gib: 15.77, vCpus: 8, memoryGb: 61 },
  L40S: { dollars: 1.86, gib: 44.39, vCpus: 8, memoryGb: 64 },
  A100: { dollars: 1.29, gib: 39.38, vCpus: 30, memoryGb: 200 },
  'A100-80GB': { dollars: 1.79, gib: 79.15, vCpus: 30, memoryGb: 225 },
  H100: { dollars: 3.29, gib: 79.11, vCpus: 26, memoryGb: 225 },
  H200: { dollars: 3.79, gib: 139.81, vCpus: 24, memoryGb: 240 },
  B200: { dollars: 5.49, gib: 178.35, vCpus: 26, memoryGb: 360 },
};

const CLOUD_NAMES: Partial<Record<Provider, string>> = {
  aws: 'AWS',
  gcp: 'GCP',
  ibm: 'IBM',
  oci: 'OCI',
  scp: 'SCP',
  do: 'DO',
  ssh: 'SSH',
  runpod: 'RunPod',
  primeintellect: 'PrimeIntellect',
  vsphere: 'vSphere',
};

/** Clouds whose offers SkyPilot tries zone by zone. */
const ZONED: ReadonlySet<Provider> = new Set(['aws', 'gcp']);

const OTHER_REGIONS: Partial<Record<Provider, readonly string[]>> = {
  aws: ['us-east-1', 'us-west-2'],
  azure: ['eastus', 'westus2'],
  gcp: ['us-central1', 'us-west1'],
  lambda: ['us-east-1', 'us-west-1'],
  runpod: ['US', 'CA'],
  nebius: ['eu-north1', 'us-central1'],
  oci: ['us-ashburn-1', 'us-sanjose-1'],
};

const AWS_FAMILIES: Readonly<Record<string, string>> = {
  T4: 'g4dn.xlarge',
  L4: 'g6.2xlarge',
  A10G: 'g5.xlarge',
  V100: 'p3.2xlarge',
  L40S: 'g6e.2xlarge',
  A100: 'p4d.24xlarge',
  'A100-80GB': 'p4de.24xlarge',
  H100: 'p5.4xlarge',
  H200: 'p5en.48xlarge',
};

function instanceName({ provider, gpu, count }: LaunchChoice<Provider>): string {
  const name = gpu.toLowerCase().replaceAll('-', '_');
  const known = provider === 'aws' ? AWS_FAMILIES[gpu.toUpperCase()] : undefined;
  if (known !== undefined) return known;
  if (provider === 'gcp')
    return gpu.toUpperCase().startsWith('A100') ? `a2-highgpu-${count}g` : `n1-${name}-${count}`;
  return `gpu_${count}x_${name}`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
