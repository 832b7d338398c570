import { z } from 'zod';
import { flag, labelSchema, oneOf, text, uuidSchema, wholeNumber } from './field-rule.js';

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
  'slow',
  'server-dies',
  'idle',
] as const;
export const simulatorScenarioSchema = oneOf(SIMULATOR_SCENARIOS);
export type SimulatorScenario = z.infer<typeof simulatorScenarioSchema>;

/** Lower-cased, so that one node has one spelling in keys and URLs. */
export const nodeIdSchema = uuidSchema.transform((id) => id.toLowerCase());

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
const SECRETS_MAX = 32;
const SECRET_MAX_CHARACTERS = 4_096;

const modelSchema = text(MODEL_MAX_CHARACTERS)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.:/@-]*[A-Za-z0-9])?$/, {
    error: "must be a model name such as 'meta-llama/Llama-2-7b-chat-hf' (letters, digits and . _ - : / @)",
  })
  .refine((model) => !model.includes('..'), { error: "must not contain '..'" });

const vllmArgsSchema = text(VLLM_ARGS_MAX_CHARACTERS).regex(/^[\x20-\x7e]*$/, {
  error: 'must be one line of printable ASCII characters',
});

const secretsSchema = z
  .record(
    z.string().regex(/^[A-Z_][A-Z0-9_]{0,63}$/, {
      error: 'names must look like environment variables (A-Z, 0-9, _)',
    }),
    z
      .string({ error: 'values must be strings' })
      .min(1, { error: 'values must not be empty' })
      .max(SECRET_MAX_CHARACTERS, { error: `values must have at most ${SECRET_MAX_CHARACTERS} characters` }),
    { error: 'must be an object of names and string values' },
  )
  .refine((secrets) => Object.keys(secrets).length <= SECRETS_MAX, {
    error: `must have at most ${SECRETS_MAX} names`,
  });

/** A launch as the caller requests it. Strict: a misspelt field would cost money. */
export const launchRequestSchema = z
  .strictObject({
    provider: providerSchema,
    /** The cloud's own name for it. */
    region: z.string({ error: 'must be a string' }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      error: 'must be a region name of at most 64 letters, digits, dots, dashes or underscores',
    }),
    /** Accelerator as SkyPilot calls it, such as `A100`. */
    gpu: z.string({ error: 'must be a string' }).regex(/^[A-Za-z][A-Za-z0-9._-]{0,31}$/, {
      error:
        "must be an accelerator name such as 'A100' of at most 32 letters, digits, dots, dashes or underscores",
    }),
    /** 1 where absent. */
    gpuCount: wholeNumber(1, GPU_COUNT_MAX).default(1),
    /** Name on Hugging Face, such as `meta-llama/Llama-2-7b-chat-hf`. */
    model: modelSchema,
    /** A cheaper instance that the cloud may reclaim; true where absent. */
    useSpot: flag().default(true),
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
    /** Environment of the model server, passed as SkyPilot secrets and masked in every log. */
    secrets: secretsSchema.optional(),
    /** A failed or cancelled launch keeps its cloud resources for inspection. They still cost money. */
    keepOnFailure: flag().default(false),
    /** Only the simulated orchestrator accepts it. */
    simulatorScenario: simulatorScenarioSchema.optional(),
  })
  .refine((request) => (request.tensorParallel ?? 1) <= request.gpuCount, {
    path: ['tensorParallel'],
    error: 'must not be larger than the number of GPUs',
  });

/** As sent: fields with a default may be absent. */
export type LaunchRequestInput = z.input<typeof launchRequestSchema>;
/** As parsed: with every default filled in. */
export type LaunchRequest = z.output<typeof launchRequestSchema>;
