import type { Command } from 'commander';
import { launchRequestSchema, PROVIDERS, SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';
import type { LaunchRequestInput } from '@launchlog/shared/launch-request';
import { UsageError } from '../session/exit-code.js';
import { misplacedFault } from './launch-places.js';
import { definedOf, listOption, numberOption, pairsOf, repeatedOption } from './flag-value.js';

export interface LaunchFlags {
  readonly provider?: string;
  readonly region?: string;
  readonly gpu?: string;
  readonly model?: string;
  readonly gpuCount?: number;
  readonly onDemand?: boolean;
  readonly disk?: number;
  readonly vllmArgs?: string;
  readonly tensorParallel?: number;
  readonly gpuMemoryUtilization?: number;
  readonly deployment?: string;
  readonly tenant?: string;
  readonly nodeId?: string;
  readonly streamer?: boolean;
  readonly streamerConcurrency?: number;
  readonly streamerMemoryLimit?: number;
  readonly taskFile?: string;
  readonly readyPath?: string;
  readonly readyPort?: number;
  readonly readyText?: string;
  readonly image?: string;
  readonly vllmVersion?: string;
  readonly vllmIndex?: string;
  readonly anyOf?: string[];
  readonly endpointAuth?: string;
  readonly label?: string[];
  readonly env?: string[];
  readonly secret?: string[];
  readonly maxHourlyCost?: number;
  readonly keepOnFailure?: boolean;
  readonly onLoss?: string;
  readonly relaunchesPerHour?: number;
  readonly relaunchUnreachableAfter?: string;
  readonly terminateAfter?: string;
  readonly terminateWhenIdle?: string;
  readonly scenario?: string;
}

export function addLaunchFlags(command: Command): Command {
  return addTaskFlags(addMachineFlags(command));
}

function addMachineFlags(command: Command): Command {
  return command
    .option('--provider <name>', `cloud: ${PROVIDERS.slice(0, 4).join(', ')}, …`)
    .option('--region <name>', 'region, as the cloud names it (default: any)')
    .option('--gpu <name>', 'accelerator, such as A100')
    .option('--model <name>', 'model, such as meta-llama/Llama-2-7b-chat-hf')
    .option('--gpu-count <count>', 'number of GPUs (default 1)', numberOption)
    .option('--on-demand', 'use an on-demand instance, not a spot instance')
    .option('--disk <gb>', 'disk size (default 256)', numberOption)
    .option('--vllm-args <text>', "additional arguments of 'vllm serve'")
    .option(
      '--tensor-parallel <count>',
      'number of GPUs to split the model across (default: all)',
      numberOption,
    )
    .option(
      '--gpu-memory-utilization <share>',
      'share of the GPU memory that vLLM may use (default 0.95)',
      numberOption,
    )
    .option('--deployment <id>', 'deployment the node belongs to')
    .option('--tenant <id>', 'tenant the node belongs to')
    .option('--node-id <uuid>', 'id of the new node (default: generated)')
    .option('--streamer', 'load the weights with the Run:ai streamer')
    .option('--streamer-concurrency <count>', 'threads of the streamer', numberOption)
    .option('--streamer-memory-limit <bytes>', 'buffer of the streamer; -1 is unlimited', numberOption)
    .option(
      '--any-of <machine>',
      'one of several machines that would do, such as provider=gcp,gpu=H100,count=2,spot=false; repeat it',
      repeatedOption,
    );
}

/** What runs on the machine. */
function addTaskFlags(command: Command): Command {
  return command
    .option('--task-file <file>', 'task of SkyPilot (YAML) to launch in place of vLLM; - reads the input')
    .option('--ready-path <path>', 'with --task-file, the path that answers 200 when the model is served')
    .option(
      '--ready-port <port>',
      'with --task-file, the port of the model server (default 8000)',
      numberOption,
    )
    .option('--ready-text <text>', 'with --task-file, text that the answer must contain')
    .option('--image <name>', 'Docker image in which setup and model server run')
    .option('--vllm-version <version>', 'version of vLLM that is installed')
    .option('--vllm-index <url>', 'index of packages in addition to PyPI')
    .option(
      '--endpoint-auth <kind>',
      'who may use the model server: none, generated or secret (default none)',
    )
    .option('--label <name=value>', 'label of the machine at its cloud; repeat it', repeatedOption)
    .option('--env <name=value>', 'variable of setup and model server; repeat it', repeatedOption)
    .option(
      '--secret <names>',
      'pass these variables of your environment to the model server, masked in every log',
      listOption,
    )
    .option('--max-hourly-cost <dollars>', 'take no machine that costs more per hour', numberOption)
    .option('--keep-on-failure', 'keep the cloud resources of a failed launch; they still cost money')
    .option('--on-loss <what>', 'when the node is lost: none or relaunch (default none)')
    .option('--relaunches-per-hour <count>', 'the most relaunches in one hour (default 3)', numberOption)
    .option(
      '--relaunch-unreachable-after <span>',
      'also relaunch a node that has been unreachable for this long: 10m',
    )
    .option(
      '--terminate-after <span>',
      'terminate the node after it has been active for this long: 45m, 12h, 3d',
    )
    .option('--terminate-when-idle <span>', 'terminate the node after this long without a request: 30m')
    .option('--scenario <name>', `only for the simulator: ${SIMULATOR_SCENARIOS.join(', ')}`);
}

/** The flags of request fields whose names differ. */
const FLAG_OF: Readonly<Record<string, string>> = {
  useSpot: '--on-demand',
  diskSize: '--disk',
  deploymentId: '--deployment',
  tenantId: '--tenant',
  useRunaiStreamer: '--streamer',
  secrets: '--secret',
  labels: '--label',
  envs: '--env',
  simulatorScenario: '--scenario',
  taskYaml: '--task-file',
  ready: '--ready-path, --ready-port or --ready-text',
};

/**
 * Throws a UsageError that names every missing or invalid flag. The values of secrets come from the environment only.
 * `taskFile` is the text of the task.
 */
export function launchRequestOf(flags: LaunchFlags, environment: NodeJS.ProcessEnv): LaunchRequestInput {
  const given = {
    provider: flags.provider,
    region: flags.region,
    gpu: flags.gpu,
    model: flags.model,
    gpuCount: flags.gpuCount,
    useSpot: flags.onDemand === true ? false : undefined,
    diskSize: flags.disk,
    vllmArgs: flags.vllmArgs,
    tensorParallel: flags.tensorParallel,
    gpuMemoryUtilization: flags.gpuMemoryUtilization,
    deploymentId: flags.deployment,
    tenantId: flags.tenant,
    nodeId: flags.nodeId,
    useRunaiStreamer: flags.streamer,
    streamerConcurrency: flags.streamerConcurrency,
    streamerMemoryLimit: flags.streamerMemoryLimit,
    anyOf: flags.anyOf?.map((text) => machineOf(text)),
    taskYaml: flags.taskFile,
    ready: readyOf(flags),
    image: flags.image,
    vllmVersion: flags.vllmVersion,
    vllmIndex: flags.vllmIndex,
    endpointAuth: flags.endpointAuth,
    labels: flags.label && pairsOf(flags.label, '--label'),
    envs: flags.env && pairsOf(flags.env, '--env'),
    secrets: flags.secret === undefined ? undefined : secretsOf(flags.secret, environment),
    maxHourlyCost: flags.maxHourlyCost,
    keepOnFailure: flags.keepOnFailure,
    onLoss: flags.onLoss,
    relaunchesPerHour: flags.relaunchesPerHour,
    relaunchUnreachableAfter: spanOf(flags.relaunchUnreachableAfter),
    terminateAfter: spanOf(flags.terminateAfter),
    terminateWhenIdle: spanOf(flags.terminateWhenIdle),
    simulatorScenario: flags.scenario,
  };
  const known = definedOf(given);
  requirePlace(flags, given.anyOf ?? []);
  const parsed = launchRequestSchema.safeParse(known);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const field = String(issue.path[0]);
      return `${flagName(field)} ${issue.message}`;
    });
    throw new UsageError(problems.join('; '));
  }
  // The given values, not the parsed ones: the server applies its own defaults.
  return known as LaunchRequestInput;
}

/** Refuses a provider or a GPU as the region, and a region as the GPU, which would launch something else than was meant. */
function requirePlace(flags: LaunchFlags, machines: readonly Readonly<Record<string, unknown>>[]): void {
  const { provider, region, gpu } = flags;
  const own = { ...(provider && { provider }), ...(region && { region }), ...(gpu && { gpu }) };
  const places = [own, ...machines.map((machine) => ({ provider, ...textsOf(machine) }))];
  for (const [index, place] of places.entries()) {
    for (const field of ['region', 'gpu'] as const) {
      const fault = misplacedFault(field, place);
      if (fault !== undefined)
        throw new UsageError(`${index === 0 ? `--${field}` : `--any-of ${index}: ${field}`} ${fault}`);
    }
  }
}

function textsOf(machine: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(machine).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

function readyOf({ readyPath: path, readyPort: port, readyText: text }: LaunchFlags) {
  const ready = definedOf({ path, port, text });
  return Object.keys(ready).length === 0 ? undefined : ready;
}

/** `90` are minutes, as in a request. */
function spanOf(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/** Reads `gpu=H100,count=2,spot=false`. What the parts mean is for the schema. */
function machineOf(text: string): Record<string, unknown> {
  const parts = pairsOf(text.split(','), '--any-of');
  return Object.fromEntries(
    Object.entries(parts).map(([name, value]) => {
      if (name === 'count') return [name, Number(value)];
      return [name, value === 'true' ? true : value === 'false' ? false : value];
    }),
  );
}

/** The fields without which nothing can be launched. */
export const LAUNCH_FIELDS = ['provider', 'region', 'gpu', 'model'] as const;
export type LaunchField = (typeof LAUNCH_FIELDS)[number];

/** What is wrong with the value of one field; undefined if nothing is. */
export function launchFieldFault(field: LaunchField, value: string): string | undefined {
  const parsed = launchRequestSchema.safeParse({ [field]: value });
  return parsed.error?.issues.find(({ path }) => path[0] === field)?.message;
}

/** Reads the values of the named environment variables. */
export function secretsOf(names: readonly string[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const pairs = names.map((name): [string, string] => {
    if (name.includes('=')) {
      throw new UsageError(
        '--secret takes the name of a variable of your environment, not its value: other users can see a command line',
      );
    }
    const value = environment[name];
    if (value === undefined || value === '')
      throw new UsageError(`--secret ${name}: your environment has no such variable`);
    return [name, value];
  });
  return Object.fromEntries(pairs);
}

function flagName(field: string): string {
  return FLAG_OF[field] ?? `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
