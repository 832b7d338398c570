import { z } from 'zod';
import {
  filledList,
  flag,
  labelSchema,
  oneOf,
  text,
  tooLong,
  uuidSchema,
  wholeNumber,
} from './field-rule.js';
import { launchFaults, upkeepFaults } from './launch-faults.js';
import {
  envsSchema,
  hourlyCostSchema,
  imageSchema,
  labelsSchema,
  variables,
  vllmIndexSchema,
  vllmVersionSchema,
  upkeepFields,
} from './launch-fields.js';
import { readySchema, taskYamlSchema } from './task-fields.js';

/** Cloud identifiers as SkyPilot spells them in `infra` (sky/utils/registry, lower case). */
export const PROVIDERS = [
  'aws',
  'azure',
  'cudo',
  'do',
  'fluidstack',
  'gcp',
  'hyperbolic',
  'ibm',
  'kubernetes',
  'lambda',
  'mithril',
  'nebius',
  'oci',
  'paperspace',
  'primeintellect',
  'runpod',
  'scp',
  'seeweb',
  'shadeform',
  'slurm',
  'ssh',
  'vast',
  'verda',
  'vsphere',
  'yotta',
] as const;
export const providerSchema = oneOf(PROVIDERS);
export type Provider = z.infer<typeof providerSchema>;

/** From `preempted` on they launch as `success` does; it happens some minutes after the node is active. */
export const SIMULATOR_SCENARIOS = [
  'success',
  'no-capacity',
  'quota',
  'setup-error',
  'out-of-memory',
  'never-healthy',
  'preempted',
  'vanished',
  'forgotten',
  'slow',
  'server-dies',
  'idle',
] as const;
export const simulatorScenarioSchema = oneOf(SIMULATOR_SCENARIOS);
export type SimulatorScenario = z.infer<typeof simulatorScenarioSchema>;

/** Lower-cased, so that one node has one spelling in keys and URLs. */
const nodeIdSchema = uuidSchema.transform((id) => id.toLowerCase());

/**
 * Which node a call is about: its id or its cluster name. Any text is taken: what is neither is the name of no node and
 * answered as `node_not_found`.
 */
export const nodeNameSchema = z.string({ error: 'must be a string' });

const IDEMPOTENCY_KEY_MAX_CHARACTERS = 255;

/** A repeated call with the same key answers as the first did. Used for the header `Idempotency-Key` and the inputs' field. */
export const idempotencyKeySchema = z
  .string({ error: 'must be a string' })
  .regex(new RegExp(`^[\\x20-\\x7e]{1,${IDEMPOTENCY_KEY_MAX_CHARACTERS}}$`), {
    error: `must have 1 to ${IDEMPOTENCY_KEY_MAX_CHARACTERS} printable ASCII characters`,
  });

const GPU_COUNT_MAX = 16;
const DISK_SIZE_MIN_GB = 30;
const DISK_SIZE_MAX_GB = 16_384;
const MODEL_MAX_CHARACTERS = 200;
const VLLM_ARGS_MAX_CHARACTERS = 2_000;
const STREAMER_CONCURRENCY_MAX = 256;
const ALTERNATIVES_MAX = 32;
const SECRET_MAX_CHARACTERS = 4_096;

const modelSchema = text(MODEL_MAX_CHARACTERS)
  .regex(/^\/?[A-Za-z0-9](?:[A-Za-z0-9_.:/@-]*[A-Za-z0-9])?$/, {
    error:
      "must be a model name such as 'meta-llama/Llama-2-7b-chat-hf' or an absolute path (letters, digits and . _ - : / @)",
  })
  .refine((model) => !model.includes('..'), { error: "must not contain '..'" });

const vllmArgsSchema = text(VLLM_ARGS_MAX_CHARACTERS).regex(/^[\x20-\x7e]*$/, {
  error: 'must be one line of printable ASCII characters',
});

const secretsSchema = variables(
  z
    .string({ error: 'values must be strings' })
    .min(1, { error: 'values must not be empty' })
    .max(SECRET_MAX_CHARACTERS, { error: `values must have at most ${SECRET_MAX_CHARACTERS} characters` }),
);

/** The cloud's own name for it, or the name of a Kubernetes context. */
const regionSchema = z
  .string({ error: 'must be a string' })
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._:/@-]{0,126}[A-Za-z0-9._-])?$/, {
    error: 'must be a region name of at most 64 letters, digits, dots, dashes or underscores',
  });

const gpuSchema = z.string({ error: 'must be a string' }).regex(/^[A-Za-z][A-Za-z0-9._-]{0,31}$/, {
  error:
    "must be an accelerator name such as 'A100' of at most 32 letters, digits, dots, dashes or underscores",
});

/** One of several machines that would do. What it leaves out is as in the request. */
const alternativeSchema = z.strictObject({
  provider: providerSchema.optional(),
  region: regionSchema.optional(),
  gpu: gpuSchema.optional(),
  /** The number of GPUs. */
  count: wholeNumber(1, GPU_COUNT_MAX).optional(),
  spot: flag().optional(),
});

/** A launch as the caller requests it. Strict: a misspelt field would cost money. */
export const launchRequestSchema = z
  .strictObject({
    /** Required, here or in each of `anyOf` or in `taskYaml`. */
    provider: providerSchema.optional(),
    /** The cloud's own name for it; any region of the provider where absent. On Kubernetes the name of a context. */
    region: regionSchema.optional(),
    /** Accelerator as SkyPilot calls it, such as `A100`. Required, here or in each of `anyOf` or in `taskYaml`. */
    gpu: gpuSchema.optional(),
    /** Machines of which any will do. SkyPilot tries the cheapest first. */
    anyOf: filledList(alternativeSchema).max(ALTERNATIVES_MAX, tooLong(ALTERNATIVES_MAX)).optional(),
    /** 1 where absent. */
    gpuCount: wholeNumber(1, GPU_COUNT_MAX).default(1),
    /** Name on Hugging Face, such as `meta-llama/Llama-2-7b-chat-hf`. Required, except with `taskYaml`. */
    model: modelSchema.default(''),
    /**
     * A task of SkyPilot, as YAML, in place of the one that the other fields describe. `provider`, `region`, `gpu`,
     * `gpuCount` and `useSpot` say what the task leaves open; `labels`, `envs` and `secrets` are added to it.
     */
    taskYaml: taskYamlSchema.optional(),
    /** How the model server of `taskYaml` is probed, unless it answers `/health` and `/v1/models` as vLLM does. */
    ready: readySchema.optional(),
    /** A cheaper instance that the cloud may reclaim; true where absent, if the provider has such instances. */
    useSpot: flag().optional(),
    /** GB, from 30; 256 where absent. */
    diskSize: wholeNumber(DISK_SIZE_MIN_GB, DISK_SIZE_MAX_GB).default(256),
    /** Further arguments for `vllm serve`, split into words like a shell would, but never passed to a shell. */
    vllmArgs: vllmArgsSchema.default(''),
    /** Number of GPUs the model is split over; gpuCount where absent. */
    tensorParallel: wholeNumber(1, GPU_COUNT_MAX).optional(),
    /** Fraction of GPU memory that vLLM may use, 0.1 to 1; 0.95 where absent. */
    gpuMemoryUtilization: z
      .number({ error: 'must be a number from 0.1 to 1' })
      .min(0.1, { error: 'must be a number from 0.1 to 1' })
      .max(1, { error: 'must be a number from 0.1 to 1' })
      .default(0.95),
    deploymentId: labelSchema.optional(),
    tenantId: labelSchema.optional(),
    /** Id of the new node; random where absent. */
    nodeId: nodeIdSchema.optional(),
    /** Loads the weights with the Run:ai streamer. */
    useRunaiStreamer: flag().default(false),
    /** Threads that read the weights. */
    streamerConcurrency: wholeNumber(1, STREAMER_CONCURRENCY_MAX).optional(),
    /** Bytes of CPU memory for the streamer's buffer; -1 is unlimited, 0 the smallest possible. */
    streamerMemoryLimit: wholeNumber(-1, 2 ** 40).optional(),
    /** The Docker image in which setup and model server run. Its own vLLM is used if it has one. */
    image: imageSchema.optional(),
    /** The version of vLLM that is installed. */
    vllmVersion: vllmVersionSchema.optional(),
    /** An index of packages in addition to PyPI, for builds of vLLM for other versions of CUDA. */
    vllmIndex: vllmIndexSchema.optional(),
    /**
     * Access to the model server: everybody who reaches it (`none`, where absent), or callers with a key. The key is made
     * here and answered once (`generated`), or is the secret `VLLM_API_KEY` (`secret`).
     */
    endpointAuth: oneOf(['none', 'generated', 'secret']).optional(),
    /** Labels of the machine at its cloud. */
    labels: labelsSchema.optional(),
    /** Environment of setup and model server. It is shown in logs: what must stay secret belongs into `secrets`. */
    envs: envsSchema.optional(),
    /** Environment of the model server, passed as SkyPilot secrets and masked in every log. */
    secrets: secretsSchema.optional(),
    /** US dollars per hour: the launch takes no machine that costs more. */
    maxHourlyCost: hourlyCostSchema.optional(),
    /** A failed or cancelled launch keeps its cloud resources for inspection. They still cost money. */
    keepOnFailure: flag().default(false),
    ...upkeepFields,
    /** Only the simulated orchestrator accepts it. */
    simulatorScenario: simulatorScenarioSchema.optional(),
  })
  .refine((request) => named(request, 'provider'), required('provider'))
  .refine((request) => named(request, 'gpu'), required('gpu'))
  .refine(({ model, taskYaml }) => model !== '' || taskYaml !== undefined, required('model'))
  .superRefine((request, context) => {
    for (const { path, message } of [...launchFaults(request), ...upkeepFaults(request)])
      context.addIssue({ code: 'custom', path, message });
  });

/** Here, in each alternative, or in the task, which the server reads. */
function named(
  request: { readonly anyOf?: unknown; readonly taskYaml?: unknown },
  field: 'provider' | 'gpu',
): boolean {
  if (request.taskYaml !== undefined) return true;
  if (field in request && request[field as keyof typeof request] !== undefined) return true;
  const { anyOf } = request;
  const entries: unknown[] = Array.isArray(anyOf) ? anyOf : [{}];
  return entries.every((one) => typeof one === 'object' && one !== null && field in one);
}

/** Stated also where other fields are wrong, so that the caller sees all faults at once. */
function required(field: string) {
  return {
    path: [field],
    error: 'is required',
    when: ({ value }: { readonly value: unknown }) => typeof value === 'object' && value !== null,
  };
}

/** As sent: fields with a default may be absent. */
export type LaunchRequestInput = z.input<typeof launchRequestSchema>;
/** As parsed: with every default filled in. */
export type LaunchRequest = z.output<typeof launchRequestSchema>;
