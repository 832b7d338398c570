import { z } from 'zod';
import { filledText, labelSchema, listOf, oneOf, timestampSchema, tooLong } from './field-rule.js';
import { providerSchema } from './launch-request.js';
import { failureReasonSchema, orchestratorKindSchema } from './node.js';
import { phaseSchema } from './phase.js';

/** What launches can be grouped by. `day` and `hour` are those in UTC in which the launch was requested. */
export const LAUNCH_DIMENSIONS = [
  'provider',
  'region',
  'gpu',
  'model',
  'spot',
  'orchestrator',
  'deployment',
  'created_by',
  'day',
  'hour',
] as const;
const launchDimensionSchema = oneOf(LAUNCH_DIMENSIONS);
export type LaunchDimension = z.infer<typeof launchDimensionSchema>;

export const METRIC_GROUPS_MAX = 500;
/** Only this many launches of a window are considered, the newest first. */
export const METRIC_LAUNCHES_MAX = 200_000;

/** Selects launches requested from `since` (inclusive) to `until` (exclusive) that match all filters. */
export const launchMetricsQuerySchema = z.strictObject({
  since: timestampSchema.optional(),
  until: timestampSchema.optional(),
  provider: providerSchema.optional(),
  region: filledText(64).optional(),
  gpu: filledText(32).optional(),
  model: filledText(200).optional(),
  orchestrator: orchestratorKindSchema.optional(),
  deploymentId: labelSchema.optional(),
  /** The name of the person or token that asked for the launch. */
  createdBy: filledText(200).optional(),
  groupBy: listOf(launchDimensionSchema)
    .max(LAUNCH_DIMENSIONS.length, tooLong(LAUNCH_DIMENSIONS.length))
    .default(['provider', 'region', 'gpu']),
});
export type LaunchMetricsQueryInput = z.input<typeof launchMetricsQuerySchema>;
export type LaunchMetricsQuery = z.output<typeof launchMetricsQuerySchema>;

/** The distribution of some values, always with its number of samples. */
const spreadSchema = z.object({
  samples: z.int(),
  average: z.number(),
  p50: z.number(),
  p95: z.number(),
});
export type Spread = z.infer<typeof spreadSchema>;

/** The distribution and the sum. For US dollars, `samples` counts launches whose price is known, or that never had a machine. */
const launchCostSchema = spreadSchema.extend({ total: z.number() });
export type LaunchCost = z.infer<typeof launchCostSchema>;

export const phaseSpreadSchema = spreadSchema.extend({ phase: phaseSchema });
/** Seconds in one phase of successful launches. */
export type PhaseSpread = z.infer<typeof phaseSpreadSchema>;

export const launchMetricsGroupSchema = z.object({
  /** The values that the launches share; `null` for a field that none of them has. */
  group: z.partialRecord(launchDimensionSchema, z.union([z.string(), z.boolean(), z.null()])),
  launches: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  /** Launches that a user ended; neither successes nor failures. */
  cancelled: z.int(),
  /** How many of `launches` the simulator ran. */
  simulated: z.int(),
  /** succeeded / (succeeded + failed), 0 to 1; absent while none has ended. */
  successRate: z.number().optional(),
  /** Most frequent first, without cancelled launches. */
  failureReasons: z.array(
    z.object({
      reason: failureReasonSchema,
      launches: z.int(),
      /** The cause that the latest of them reported; absent from servers of 0.1.0. */
      message: z.string().optional(),
    }),
  ),
  /** Seconds of successful launches from the request to the model's first good answer, including the queue. */
  launchSeconds: spreadSchema.optional(),
  /** Seconds in each phase, of successful launches. */
  phases: z.array(phaseSpreadSchema),
  /** US dollars from the machine's start until the model served, of successful launches. */
  costUntilActive: launchCostSchema.optional(),
  /** US dollars from the machine's start until it was removed, or until now, of all launches that have ended. */
  costTotal: launchCostSchema.optional(),
  /** The part of `costTotal` spent on launches that failed or were cancelled. */
  costUnsuccessful: launchCostSchema.optional(),
  /** Nodes whose machine was lost after their launch; absent from servers of 0.1.0, like all that follows. */
  lost: z.int().optional(),
  /** Lost nodes that their cloud took back. */
  preempted: z.int().optional(),
  /** preempted / succeeded, 0 to 1. */
  preemptionRate: z.number().optional(),
  /** Seconds that nodes were active, from the launch's end until they were gone, or until now. */
  activeSeconds: launchCostSchema.optional(),
  /** The share of the active time in which the model server was not unreachable, 0 to 1. */
  uptime: z.number().optional(),
  /** Seconds of active time for each lost node; absent while none was lost. */
  meanSecondsToLoss: z.number().optional(),
  /** `costTotal` of all launches for each hour in which a model server could be reached, in US dollars. */
  costPerUsefulHour: z.number().optional(),
});
export type LaunchMetricsGroup = z.infer<typeof launchMetricsGroupSchema>;

export const launchMetricsSchema = z.object({
  groupBy: z.array(launchDimensionSchema),
  total: launchMetricsGroupSchema,
  /** Most launches first; empty without `groupBy`. */
  groups: z.array(launchMetricsGroupSchema),
  /** There are more groups than the answer has, or more launches in the window than were considered. */
  truncated: z.boolean(),
});
export type LaunchMetrics = z.infer<typeof launchMetricsSchema>;

/** Selects launches that are similar enough to predict one another. */
export const usualPhasesQuerySchema = z.strictObject({
  provider: providerSchema,
  gpu: filledText(32),
  /** Give the node's own orchestrator: simulated launches do not predict real ones. */
  orchestrator: orchestratorKindSchema.optional(),
});
export type UsualPhasesQuery = z.output<typeof usualPhasesQuerySchema>;

/** How long the phases of the latest successful launches of a kind took. */
export const usualPhasesSchema = z.object({
  /** How many launches were considered. */
  launches: z.int(),
  /** Seconds in each phase. */
  phases: z.array(phaseSpreadSchema),
});
export type UsualPhases = z.infer<typeof usualPhasesSchema>;
