import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { TaskConfig, TaskValue } from './task-document.js';
import { isMap, parseTask, TaskYamlError } from './task-document.js';

/** The fields of a task that a launch can take. Any other field would mean another kind of launch. */
const FIELDS: ReadonlySet<string> = new Set([
  'name',
  'workdir',
  'num_nodes',
  'resources',
  'file_mounts',
  'volumes',
  'envs',
  'secrets',
  'managed_secrets',
  'setup',
  'run',
  'config',
]);

type GivenToTask = Pick<LaunchRequest, 'envs' | 'endpointAuth'> & {
  readonly secrets?: LaunchRequest['secrets'];
};

/**
 * The values of a caller's task, after the checks that SkyPilot cannot make: nothing in it reads a file of the machine that
 * submits it, and it contains no secret. Throws a `TaskYamlError`.
 */
export function readTask(text: string, given: GivenToTask): TaskConfig {
  const config = parseTask(text);
  const other = Object.keys(config).find((name) => !FIELDS.has(name));
  if (other !== undefined)
    throw new TaskYamlError(`must not have '${other}': a task may have ${[...FIELDS].join(', ')}`);
  if (typeof config['run'] !== 'string' || config['run'].trim() === '')
    throw new TaskYamlError("must have 'run', the script that starts the model server");
  if (config['resources'] !== undefined && config['resources'] !== null && !isMap(config['resources']))
    throw new TaskYamlError("must have a map as 'resources'");
  checkWorkdir(config['workdir']);
  checkMounts(config['file_mounts']);
  checkVariables(config['envs'], given);
  checkSecrets(config['secrets']);
  return config;
}

/** Names of secrets whose values the request must give. */
export function secretsOfTask(config: TaskConfig): readonly string[] {
  const { secrets } = config;
  return isMap(secrets) ? Object.keys(secrets) : [];
}

function checkWorkdir(workdir: TaskValue | undefined): void {
  if (workdir === undefined || workdir === null) return;
  const url = isMap(workdir) ? workdir['url'] : undefined;
  if (typeof url === 'string' && /^(?:https:\/\/|ssh:\/\/|git@)[\w.-]/.test(url)) return;
  throw new TaskYamlError(
    "must not have a folder as 'workdir': SkyPilot would read it on its own machine. Name a git repository by 'url' and 'ref'",
  );
}

/** SkyPilot takes every source without a host for a file of its own machine. */
function checkMounts(mounts: TaskValue | undefined): void {
  if (mounts === undefined || mounts === null) return;
  if (!isMap(mounts)) throw new TaskYamlError("must have a map as 'file_mounts'");
  for (const [target, mount] of Object.entries(mounts)) {
    const source = isMap(mount) ? mount['source'] : mount;
    // A bucket of SkyPilot, by its name.
    if (isMap(mount) && source === undefined) continue;
    const sources = Array.isArray(source) ? source : [source];
    if (sources.every((one) => typeof one === 'string' && REMOTE.test(one))) continue;
    throw new TaskYamlError(
      `must not mount a local file at ${target}: SkyPilot would read it on its own machine. Mount a bucket, such as s3://name/path`,
    );
  }
}

const REMOTE = /^[a-z][a-z0-9]*:\/\/[A-Za-z0-9$]/;

function checkVariables(envs: TaskValue | undefined, given: GivenToTask): void {
  if (envs === undefined || envs === null) return;
  if (!isMap(envs)) throw new TaskYamlError("must have a map as 'envs'");
  const missing = Object.keys(envs).find((name) => envs[name] === null && given.envs?.[name] === undefined);
  if (missing !== undefined)
    throw new TaskYamlError(`must have ${missing}, which the task names without a value`, 'envs');
}

function checkSecrets(secrets: TaskValue | undefined): void {
  if (secrets === undefined || secrets === null || Array.isArray(secrets)) return;
  if (!isMap(secrets)) throw new TaskYamlError("must have a map or a list as 'secrets'");
  const shown = Object.keys(secrets).find((name) => secrets[name] !== null);
  if (shown === undefined) return;
  throw new TaskYamlError(
    `must not have the value of the secret ${shown}: write '${shown}: null', and give the value in 'secrets' of the request`,
  );
}
