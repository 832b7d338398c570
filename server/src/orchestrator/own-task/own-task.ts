import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { CPU, readTaskMachines } from './task-machines.js';
import type { TaskConfig, TaskValue } from './task-document.js';
import { isMap, taskText } from './task-document.js';
import { readTask } from './task-check.js';

/** The default port of the model server. */
export const MODEL_SERVER_PORT = 8_000;

/** The port on which the model server of a request answers. */
export function modelServerPort({ ready }: Pick<LaunchRequest, 'ready'>): number {
  return ready?.port ?? MODEL_SERVER_PORT;
}

interface OwnTaskParts {
  readonly clusterName: string;
  readonly request: LaunchRequest;
  /** Null for values that the submission adds. */
  readonly secrets: Readonly<Record<string, string | null>>;
}

/**
 * Returns the caller's own task as YAML for SkyPilot: with the name of the cluster, the machine as far as the task leaves it
 * open, the port of the model server, and the request's labels, variables and secrets. The text is written again from its
 * values, so that anchors, tags and comments mean nothing more. See decision 124.
 */
export function ownTask({ clusterName, request, secrets }: OwnTaskParts): string {
  const config = readTask(request.taskYaml ?? '', request);
  const { name: _, envs, secrets: named, ...rest } = config;
  const variables = { ...mapOf(envs), ...request.envs };
  const values = { ...(isMap(named) ? named : {}), ...secrets };
  return taskText({
    name: clusterName,
    ...rest,
    resources: completedResources(mapOf(config['resources']), request),
    ...(Object.keys(variables).length > 0 && { envs: variables }),
    ...(Object.keys(values).length > 0 && { secrets: values }),
    ...(Array.isArray(named) && { managed_secrets: [...listOf(config['managed_secrets']), ...named] }),
  });
}

function completedResources(resources: TaskConfig, request: LaunchRequest): TaskConfig {
  const { namesPlace, namesGpu, namesSpot } = readTaskMachines(resources);
  const { provider, region, gpu = CPU, gpuCount, useSpot, labels, maxHourlyCost } = request;
  const place = region === undefined || region === 'any' ? provider : `${provider}/${region}`;
  const port = modelServerPort(request);
  return {
    ...resources,
    ...(!namesPlace && place !== undefined && { infra: place }),
    ...(!namesGpu && gpu !== CPU && { accelerators: `${gpu}:${gpuCount}` }),
    ...(!namesSpot && useSpot === true && { use_spot: true }),
    ...withPort(resources, port),
    ...(maxHourlyCost !== undefined && { max_hourly_cost: maxHourlyCost }),
    ...(labels !== undefined && { labels: { ...mapOf(resources['labels']), ...labels } }),
  };
}

/** The machines that open ports of their own get it too. */
function withPort(resources: TaskConfig, port: number): TaskConfig {
  const opened = (ports: TaskValue | undefined): TaskValue =>
    opens(ports, port) ? (ports ?? port) : added(ports, port);
  const among = ['any_of', 'ordered'].flatMap((key): [string, TaskValue][] => {
    const entries = resources[key];
    if (!Array.isArray(entries)) return [];
    return [
      [
        key,
        entries.map((one) =>
          isMap(one) && one['ports'] !== undefined ? { ...one, ports: opened(one['ports']) } : one,
        ),
      ],
    ];
  });
  return { ...Object.fromEntries(among), ports: opened(resources['ports']) };
}

function added(ports: TaskValue | undefined, port: number): TaskValue {
  const before = portsOf(ports);
  return before.length === 0 ? port : [...before, port];
}

function opens(ports: TaskValue | undefined, port: number): boolean {
  return portsOf(ports).some((one) => {
    const [from = Number.NaN, to = from] = (typeof one === 'object' ? '' : String(one))
      .split('-')
      .map(Number);
    return from <= port && port <= to;
  });
}

function portsOf(ports: TaskValue | undefined): readonly TaskValue[] {
  if (ports === undefined || ports === null) return [];
  return Array.isArray(ports) ? ports : [ports];
}

function mapOf(value: TaskValue | undefined): TaskConfig {
  return isMap(value) ? value : {};
}

function listOf(value: TaskValue | undefined): readonly TaskValue[] {
  return Array.isArray(value) ? value : [];
}
