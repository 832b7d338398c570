import type { LaunchPlace } from './launch-choice.js';
import { launchChoices } from './launch-choice.js';

/** The variable from which vLLM takes the key that its callers must send. */
export const ENDPOINT_KEY = 'VLLM_API_KEY';

interface LaunchFault {
  readonly path: string[];
  readonly message: string;
}

/** The fields of a request that depend on each other. */
interface RelatedFields extends LaunchPlace {
  readonly ready?: object | undefined;
  readonly tensorParallel?: number | undefined;
  readonly envs?: Readonly<Record<string, string>> | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly endpointAuth?: string | undefined;
  readonly taskYaml?: string | undefined;
}

/** What is wrong between the fields of a request. */
export function launchFaults(request: RelatedFields): LaunchFault[] {
  const { taskYaml } = request;
  return [...(taskYaml === undefined ? machineFaults(request) : taskFaults(request)), ...keyFaults(request)];
}

function machineFaults(request: RelatedFields): LaunchFault[] {
  const faults: LaunchFault[] = [];
  const choices = launchChoices(request);
  const fewest = Math.min(...choices.map(({ count }) => count));
  if (request.ready !== undefined)
    faults.push({ path: ['ready'], message: 'is only for a launch with task_yaml: vLLM is known' });
  if (request.tensorParallel !== undefined && request.tensorParallel > fewest)
    faults.push({ path: ['tensorParallel'], message: 'must not be larger than the number of GPUs' });
  const place = choices.find((choice) => !CONTEXTS.has(choice.provider) && !isRegion(choice.region ?? ''));
  if (place !== undefined) {
    const message = 'must be a region name of at most 64 letters, digits, dots, dashes or underscores';
    faults.push({ path: [request.anyOf === undefined ? 'region' : 'anyOf'], message });
  }
  return faults;
}

/** The fields that a task has itself, each with the value that means nothing. */
const SAID_BY_TASK: Readonly<Record<string, unknown>> = {
  anyOf: undefined,
  image: undefined,
  vllmVersion: undefined,
  vllmIndex: undefined,
  vllmArgs: '',
  tensorParallel: undefined,
  gpuMemoryUtilization: 0.95,
  diskSize: 256,
  useRunaiStreamer: false,
  streamerConcurrency: undefined,
  streamerMemoryLimit: undefined,
};

function taskFaults(request: RelatedFields): LaunchFault[] {
  const given: Readonly<Record<string, unknown>> = { ...request };
  return Object.entries(SAID_BY_TASK).flatMap(([field, blank]) =>
    given[field] === undefined || given[field] === blank
      ? []
      : [{ path: [field], message: 'must not be given with task_yaml: the task says it' }],
  );
}

function keyFaults({ envs = {}, secrets = {}, endpointAuth }: RelatedFields): LaunchFault[] {
  const faults: LaunchFault[] = [];
  const key = secrets[ENDPOINT_KEY] !== undefined;
  if (endpointAuth === 'secret' && !key)
    faults.push({
      path: ['secrets'],
      message: `must have ${ENDPOINT_KEY}, which endpoint_auth 'secret' needs`,
    });
  if (endpointAuth === 'generated' && key)
    faults.push({
      path: ['secrets'],
      message: `must not have ${ENDPOINT_KEY}: endpoint_auth 'generated' makes it`,
    });
  if (envs[ENDPOINT_KEY] !== undefined)
    faults.push({ path: ['envs'], message: `must not have ${ENDPOINT_KEY}: it belongs into the secrets` });
  const both = Object.keys(envs).find((name) => secrets[name] !== undefined);
  if (both !== undefined)
    faults.push({ path: ['envs'], message: `must not have ${both}, which is among the secrets` });
  return faults;
}

/** Where a region is the name of a context, which may hold slashes and colons. */
const CONTEXTS: ReadonlySet<string> = new Set(['kubernetes', 'ssh']);

function isRegion(name: string): boolean {
  return /^[A-Za-z0-9._-]{0,64}$/.test(name);
}

interface UpkeepRequest {
  readonly onLoss?: string | undefined;
  readonly relaunchesPerHour?: number | undefined;
  readonly relaunchUnreachableAfter?: number | undefined;
}

/** What is wrong between the fields that say what to do about a node. */
export function upkeepFaults(
  request: UpkeepRequest,
): { readonly path: string[]; readonly message: string }[] {
  if (request.onLoss === 'relaunch') return [];
  return (['relaunchesPerHour', 'relaunchUnreachableAfter'] as const)
    .filter((field) => request[field] !== undefined)
    .map((field) => ({ path: [field], message: "needs on_loss 'relaunch'" }));
}
