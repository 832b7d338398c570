import type { LaunchChoice } from '@launchlog/shared/launch-choice';
import { ANY } from '@launchlog/shared/launch-choice';
import type { LaunchRequest, Provider } from '@launchlog/shared/launch-request';
import { readTask, secretsOfTask } from './task-check.js';
import type { TaskConfig } from './task-document.js';
import { isMap, TaskYamlError } from './task-document.js';
import { CPU, readTaskMachines } from './task-machines.js';
import { modelOfTask } from './task-model.js';

type Machine = Partial<LaunchChoice<Provider>>;

/**
 * The request, completed from its task: the machines that it may use, and the model. A request without a task stays as it is.
 * Throws a `TaskYamlError` that names the field at fault.
 */
export function requestOfTask(request: LaunchRequest): LaunchRequest {
  if (request.taskYaml === undefined) return request;
  const config = readTask(request.taskYaml, request);
  const missing = secretsOfTask(config).find((name) => request.secrets?.[name] === undefined);
  if (missing !== undefined) throw new TaskYamlError(`must have ${missing}, which the task names`, 'secrets');
  const resources = isMap(config['resources']) ? config['resources'] : {};
  const choices = choicesOf(request, resources);
  const [first] = choices;
  const model = request.model === '' ? modelOfTask(config, request.envs ?? {}) : request.model;
  return {
    ...request,
    model,
    provider: first?.provider,
    region: first?.region,
    gpu: first?.gpu,
    gpuCount: first?.count ?? 0,
    useSpot: first?.spot,
    ...(choices.length > 1 && { anyOf: choices }),
  };
}

function choicesOf(request: LaunchRequest, resources: TaskConfig): LaunchChoice<Provider>[] {
  const { machines, namesPlace, namesGpu } = readTaskMachines(resources);
  const { provider, region, gpu, gpuCount, useSpot } = request;
  agree('provider', provider, machines);
  agree('gpu', gpu, machines);
  if (useSpot !== undefined && machines.every(({ spot }) => spot !== undefined && spot !== useSpot))
    throw new TaskYamlError('must not differ from use_spot of the task', 'useSpot');
  if (namesPlace && region !== undefined && !machines.some((machine) => machine.region === region))
    throw new TaskYamlError('must not be given: the task names the place', 'region');
  const noGpu = namesGpu ? ANY : CPU;
  return machines.map((machine) => {
    const place = machine.provider ?? provider;
    if (place === undefined)
      throw new TaskYamlError("is required: 'resources' of the task names no cloud", 'provider');
    const type = machine.gpu ?? gpu ?? noGpu;
    return {
      provider: place,
      region: namesPlace ? machine.region : region,
      gpu: type,
      count: machine.count ?? (type === CPU ? 0 : gpuCount),
      spot: machine.spot ?? useSpot ?? false,
    };
  });
}

function agree(field: 'provider' | 'gpu', asked: string | undefined, machines: readonly Machine[]): void {
  if (asked === undefined) return;
  const fits = machines.some((machine) => (machine[field] ?? asked).toLowerCase() === asked.toLowerCase());
  if (!fits) throw new TaskYamlError(`must not differ from that of the task, or be left out`, field);
}
