import type { LaunchChoice } from '@launchlog/shared/launch-choice';
import { providerSchema } from '@launchlog/shared/launch-request';
import type { Provider } from '@launchlog/shared/launch-request';
import type { TaskConfig, TaskValue } from './task-document.js';
import { isMap, TaskYamlError } from './task-document.js';

/** The type of GPU of a machine without one. */
export const CPU = 'cpu';
/** The maximum of machines, as in a request. */
const MACHINES_MAX = 32;

interface TaskMachines {
  /** Each machine with the fields that the task names. */
  readonly machines: readonly Partial<LaunchChoice<Provider>>[];
  readonly namesPlace: boolean;
  readonly namesGpu: boolean;
  readonly namesSpot: boolean;
}

/** The machines that the `resources` of a task allow. Throws a `TaskYamlError`. */
export function readTaskMachines(resources: TaskConfig): TaskMachines {
  const { any_of: anyOf, ordered, ...common } = resources;
  const entries = [anyOf, ordered].find((list) => Array.isArray(list) && list.length > 0);
  const merged = (Array.isArray(entries) ? entries : [{}]).map((entry: TaskValue) => {
    if (!isMap(entry)) throw new TaskYamlError("must have maps in 'any_of' and 'ordered'");
    return { ...common, ...entry };
  });
  const machines = merged.flatMap((entry) => {
    const place = placeOf(entry);
    const spot = entry['use_spot'];
    return gpusOf(entry['accelerators']).map((gpu) => ({
      ...place,
      ...gpu,
      ...(typeof spot === 'boolean' && { spot }),
    }));
  });
  const hasAny = (...fields: string[]) =>
    merged.some((entry) => fields.some((field) => (entry[field] ?? null) !== null));
  return {
    machines: machines.slice(0, MACHINES_MAX),
    namesPlace: hasAny('infra', 'cloud', 'region', 'zone'),
    namesGpu: hasAny('accelerators', 'instance_type'),
    namesSpot: hasAny('use_spot'),
  };
}

/** `aws/us-east-1/us-east-1a`, `k8s/context`, or the older `cloud` and `region`. `*` leaves it open. */
function placeOf(entry: TaskConfig): Partial<LaunchChoice<Provider>> {
  const { infra, cloud, region } = entry;
  if (typeof infra !== 'string') {
    return { ...named(cloud), ...(typeof region === 'string' && { region }) };
  }
  const [first = '', ...rest] = infra.split('/');
  const provider = named(first);
  // The name of a context may have slashes.
  const place = provider.provider === 'kubernetes' ? rest.join('/') : (rest[0] ?? '');
  return { ...provider, ...(place !== '' && place !== '*' && { region: place }) };
}

function named(cloud: TaskValue | undefined): { provider?: Provider } {
  if (typeof cloud !== 'string' || cloud === '*' || cloud === '') return {};
  const name = cloud.toLowerCase();
  const provider = providerSchema.safeParse(name === 'k8s' ? 'kubernetes' : name);
  if (!provider.success) throw new TaskYamlError(`must name a known cloud in 'resources', not '${cloud}'`);
  return { provider: provider.data };
}

/** `H100`, `H100:8`, `{H100: 8, A100: 8}` or a list of these. */
function gpusOf(accelerators: TaskValue | undefined): readonly { gpu?: string; count?: number }[] {
  if (typeof accelerators === 'string') {
    const [gpu = '', count = '1'] = accelerators.split(':').map((part) => part.trim());
    return [{ gpu, count: Math.ceil(Number(count)) || 1 }];
  }
  if (Array.isArray(accelerators)) return accelerators.flatMap((one: TaskValue) => [...gpusOf(one)]);
  if (!isMap(accelerators)) return [{}];
  return Object.entries(accelerators).map(([gpu, count]) => ({ gpu, count: Math.ceil(Number(count)) || 1 }));
}
