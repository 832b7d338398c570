import { z } from 'zod';
import { opaqueCursor } from './cursor.js';
import { flag, labelSchema, listOf, oneOf, text, timestampSchema, wholeNumber } from './field-rule.js';
import { providerSchema } from './launch-request.js';
import { phaseSchema, progressSchema } from './phase.js';

/** `lost`: the machine of an active node is gone, and nobody here asked for that. It is final, like `terminated`. */
export const NODE_STATUSES = ['launching', 'active', 'failed', 'terminating', 'terminated', 'lost'] as const;
export const nodeStatusSchema = oneOf(NODE_STATUSES);
export type NodeStatus = z.infer<typeof nodeStatusSchema>;

export const FAILURE_REASONS = [
  'no_capacity',
  'quota',
  'credentials',
  'setup_failed',
  'model_load_failed',
  'unhealthy',
  'timeout',
  'cancelled',
  'interrupted',
  'unknown',
] as const;
export const failureReasonSchema = oneOf(FAILURE_REASONS);
export type FailureReason = z.infer<typeof failureReasonSchema>;

/**
 * How an active node does. `degraded`: it answers slowly, or not always. `unreachable`: the model server does not answer,
 * and the machine still costs. `unknown`: we cannot see.
 */
export const NODE_HEALTHS = ['healthy', 'degraded', 'unreachable', 'unknown'] as const;
const nodeHealthSchema = oneOf(NODE_HEALTHS);
export type NodeHealth = z.infer<typeof nodeHealthSchema>;

/** How a lost machine was lost: taken back by its cloud, deleted or stopped by somebody else. */
export const LOSS_REASONS = ['preempted', 'deleted', 'stopped'] as const;
const lossReasonSchema = oneOf(LOSS_REASONS);
export type LossReason = z.infer<typeof lossReasonSchema>;

/** Why a launch was repeated: a person asked for it, or its node was lost. */
const RETRY_REASONS = ['manual', 'lost'] as const;
const retryReasonSchema = oneOf(RETRY_REASONS);
export type RetryReason = z.infer<typeof retryReasonSchema>;

export const ORCHESTRATOR_KINDS = ['skypilot-api', 'skypilot-cli', 'simulated'] as const;
export const orchestratorKindSchema = oneOf(ORCHESTRATOR_KINDS);
export type OrchestratorKind = z.infer<typeof orchestratorKindSchema>;

/** One offer of a cloud that the orchestrator tried. */
const launchAttemptSchema = z.object({
  /** SkyPilot's display name, for example `AWS`. */
  cloud: z.string(),
  region: z.string().optional(),
  zone: z.string().optional(),
  instance: z.string().optional(),
  /** US dollars per hour, as the optimizer printed it. */
  price: z.number().optional(),
  outcome: z.enum(['trying', 'won', 'failed']),
  reason: failureReasonSchema.optional(),
  /** The cloud's own message. */
  message: z.string().optional(),
});
export type LaunchAttempt = z.infer<typeof launchAttemptSchema>;

/** Seconds spent in each phase that has ended. */
export const phaseSecondsSchema = z.partialRecord(phaseSchema, z.number());
export type PhaseSeconds = z.infer<typeof phaseSecondsSchema>;

/** A forecast from past launches. */
export const etaSchema = z.object({
  /** Seconds from now until the launch is active. */
  seconds: z.number(),
  /** How many past launches it is based on. */
  samples: z.int(),
});
export type Eta = z.infer<typeof etaSchema>;

/** The output that explains the failure of a launch. It outlives the log. */
const failureEvidenceSchema = z.object({
  /** The entry of the log that names the cause, as it was numbered; absent where no line does. */
  seq: z.int().optional(),
  /** The last lines of output, oldest first; secrets are masked. */
  lines: z.array(z.string()),
});
export type FailureEvidence = z.infer<typeof failureEvidenceSchema>;

/** One GPU machine we launch: one row, one launch. */
export const nodeSchema = z.object({
  id: z.uuid(),
  clusterName: z.string(),
  provider: providerSchema,
  region: z.string(),
  gpuType: z.string(),
  gpuCount: z.int(),
  modelName: z.string(),
  useSpot: z.boolean(),
  status: nodeStatusSchema,
  phase: phaseSchema,
  /** Percent, 0 to 100; it never decreases. */
  progress: progressSchema,
  /** Position in the queue, from 1, while the launch waits for a free slot. */
  queuePosition: z.int().optional(),
  failureReason: failureReasonSchema.optional(),
  /** One sentence for people. */
  failureMessage: z.string().optional(),
  /** What a person would try after this failure. */
  hint: z.string().optional(),
  evidence: failureEvidenceSchema.optional(),
  /** Base URL of the model server once the node is active. */
  endpoint: z.string().optional(),
  orchestrator: orchestratorKindSchema,
  deploymentId: z.string().optional(),
  tenantId: z.string().optional(),
  /** The node that this one retries. */
  retryOf: z.uuid().optional(),
  retryReason: retryReasonSchema.optional(),
  attempts: z.array(launchAttemptSchema),
  /** US dollars per hour of the winning attempt. */
  pricePerHour: z.number().optional(),
  phaseStartedAt: z.iso.datetime(),
  /** Seconds spent in each phase that has ended. */
  phaseSeconds: phaseSecondsSchema,
  /** Absent while too few past launches are known. */
  eta: etaSchema.optional(),
  /** The present phase has lasted longer than in 95 of 100 past launches. */
  stalled: z.boolean(),
  createdAt: z.iso.datetime(),
  /** The person or token that asked for the launch, by name. Absent from servers of 0.1.0. */
  createdBy: z.string().optional(),
  /** The trace of the launch, 32 hexadecimal digits: the caller's, or one of its own. Absent from servers of 0.1.0. */
  traceId: z.string().optional(),
  /** Where people see the trace: a web page. Absent where the server names none. */
  traceUrl: z.string().optional(),
  updatedAt: z.iso.datetime(),
  /** When the launch ended, active or failed. */
  endedAt: z.iso.datetime().optional(),
  /** The person or token that cancelled the launch, from the request on; absent where it ended in another way. */
  cancelledBy: z.string().optional(),
  /** When the machine was removed. For a lost node, its last sign of life: its cost stops there. */
  terminatedAt: z.iso.datetime().optional(),
  /** What terminated the node: the name of a person or a token, or a rule of its launch. */
  terminatedBy: z.string().optional(),
  /** The health of an active node; absent before the first look at it. */
  health: nodeHealthSchema.optional(),
  healthSince: z.iso.datetime().optional(),
  /** Why it is not healthy, in one sentence for people. */
  healthReason: z.string().optional(),
  /** When the model server last answered, as far as it was written down: at most two minutes ago while it answers. */
  lastSeenAt: z.iso.datetime().optional(),
  lossReason: lossReasonSchema.optional(),
  /** The earliest time of the relaunch that is due, in place of this node. Terminating the node calls it off. */
  relaunchAt: z.iso.datetime().optional(),
  /** When the node is terminated because its launch asks for that. */
  terminateAt: z.iso.datetime().optional(),
  /** Since when the model server has had no request, once it has lasted for a while. */
  idleSince: z.iso.datetime().optional(),
});
export type Node = z.infer<typeof nodeSchema>;

export const NODE_LIST_MAX = 500;
/** Characters of a cursor: it holds the values by which its page ended. */
const NODE_CURSOR_MAX = 1_000;

/**
 * What a list is ordered by. `created` and `age` are the same moment, counted from opposite ends. `live`: nodes that are
 * launching, active, terminating or lost come before those that failed or were terminated, each newest first.
 */
export const NODE_SORTS = [
  'created',
  'age',
  'live',
  'status',
  'progress',
  'eta',
  'ended',
  'name',
  'place',
  'gpu',
  'model',
  'deployment',
  'price',
  'cost',
] as const;
export type NodeSort = (typeof NODE_SORTS)[number];
/** The orders that begin with the greatest value where no direction is named. */
export const DESCENDING_SORTS: ReadonlySet<NodeSort> = new Set([
  'created',
  'live',
  'progress',
  'ended',
  'price',
  'cost',
]);
const SORT_DIRECTIONS = ['asc', 'desc'] as const;

/** Filters of the list. Several values of one filter mean any of them; different filters must all match. */
export const nodeListQuerySchema = z.strictObject({
  status: listOf(nodeStatusSchema).optional(),
  health: listOf(nodeHealthSchema).optional(),
  /** Why the launch failed. */
  reason: listOf(failureReasonSchema).optional(),
  provider: providerSchema.optional(),
  region: text(64).optional(),
  /** The type of GPU, as it was requested. */
  gpu: text(64).optional(),
  spot: flag().optional(),
  deploymentId: labelSchema.optional(),
  tenantId: labelSchema.optional(),
  /** The nodes that were requested from here (inclusive) to `createdUntil` (exclusive). */
  createdSince: timestampSchema.optional(),
  createdUntil: timestampSchema.optional(),
  /** The nodes whose launch ended, active or failed, from here (inclusive) to `endedUntil` (exclusive). */
  endedSince: timestampSchema.optional(),
  endedUntil: timestampSchema.optional(),
  /**
   * Words that each appear, whatever their case, in the id, cluster name, model, deployment, tenant, provider, region or
   * GPU.
   */
  q: text(200).optional(),
  /** `created` where absent. */
  sort: oneOf(NODE_SORTS).optional(),
  /** Where absent, each order begins with what is looked for first: the newest, the costliest, the first letter. */
  direction: oneOf(SORT_DIRECTIONS).optional(),
  /** Also counts the nodes that match, on all pages together. */
  counts: flag().optional(),
  limit: wholeNumber(1, NODE_LIST_MAX).default(100),
  /** `nextCursor` of the previous page; opaque. It belongs to one order. */
  cursor: opaqueCursor(NODE_CURSOR_MAX).optional(),
});
export type NodeListQueryInput = z.input<typeof nodeListQuerySchema>;
export type NodeListQuery = z.output<typeof nodeListQuerySchema>;

/** Exact counts for the filters of a list, not only for its page. */
export const nodeCountsSchema = z.object({
  /** The nodes that match. */
  total: z.int(),
  /** The nodes that match all filters but `status`, by status. */
  statuses: z.record(nodeStatusSchema, z.int()),
  /** The cost of the nodes that match and whose price is known, in US dollars. An estimate: the bill of the cloud is authoritative. */
  cost: z
    .object({
      /** US dollars until now, from the start of each machine, such as `418.2`. */
      total: z.number(),
      /** US dollars each hour, of the machines that run now, such as `14.68`. */
      hourly: z.number(),
    })
    .optional(),
});
export type NodeCounts = z.infer<typeof nodeCountsSchema>;

/** One page of the list. */
export interface NodePage {
  readonly nodes: readonly Node[];
  /** Pass it as `cursor` to get the next page; absent on the last page. */
  readonly nextCursor?: string | undefined;
  /** Where the query asked for them. */
  readonly counts?: NodeCounts | undefined;
}

/** The answer to a launch, and to a retry. */
export interface LaunchResult {
  readonly node: Node;
  /** An earlier call with the same idempotency key launched the node. */
  readonly replayed: boolean;
  /** The generated key of the endpoint. It is answered once, and never shown again. */
  readonly endpointKey?: string | undefined;
}
