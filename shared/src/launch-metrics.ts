import { z } from 'zod';
import { filledText, labelSchema, listOf, oneOf, timestampSchema, tooLong } from './field-rule.js';
import { providerSchema } from './launch-request.js';
import { failureReasonSchema, orchestratorKindSchema } from './node.js';
import { phaseSchema } from './phase.js';

/** What launches can be grouped by. `day` is the day in UTC on which the launch was asked for. */
export const LAUNCH_DIMENSIONS = [
  'provider',
  'region',
  'gpu',
  'model',
  'spot',
  'orchestrator',
  'deployment',
  'day',
] as const;
export const launchDimensionSchema = oneOf(LAUNCH_DIMENSIONS);
export type LaunchDimension = z.infer<typeof launchDimensionSchema>;

export const METRIC_GROUPS_MAX = 500;
/** The newest so many launches of a window are looked at. */
export const METRIC_LAUNCHES_MAX = 200_000;

/** Which launches: those that were asked for from `since` (inclusive) to `until` (exclusive), and all filters hold. */
export const launchMetricsQuerySchema = z.strictObject({
  since: timestampSchema.optional(),
  until: timestampSchema.optional(),
  provider: providerSchema.optional(),
  region: filledText(64).optional(),
  gpu: filledText(32).optional(),
  model: filledText(200).optional(),
  orchestrator: orchestratorKindSchema.optional(),
  deploymentId: labelSchema.optional(),
  groupBy: listOf(launchDimensionSchema)
    .max(LAUNCH_DIMENSIONS.length, tooLong(LAUNCH_DIMENSIONS.length))
    .default(['provider', 'region', 'gpu']),
});
export type LaunchMetricsQueryInput = z.input<typeof launchMetricsQuerySchema>;
export type LaunchMetricsQuery = z.output<typeof launchMetricsQuerySchema>;

/** How values are spread; never without the number of samples behind it. */
export const spreadSchema = z.object({
  samples: z.int(),
  average: z.number(),
  p50: z.number(),
  p95: z.number(),
});
export type Spread = z.infer<typeof spreadSchema>;

/** US dollars a launch. `samples` counts those whose price is known, or that never had a machine. */
export const launchCostSchema = spreadSchema.extend({ total: z.number() });
export type LaunchCost = z.infer<typeof launchCostSchema>;

export const phaseSpreadSchema = spreadSchema.extend({ phase: phaseSchema });
/** Seconds in one phase of successful launches. */
export type PhaseSpread = z.infer<typeof phaseSpreadSchema>;

export const launchMetricsGroupSchema = z.object({
  /** What the launches have in common; `null` where they agree in having none. */
  group: z.partialRecord(launchDimensionSchema, z.union([z.string(), z.boolean(), z.null()])),
  launches: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  /** Ended by a user: they count neither as success nor as failure. */
  cancelled: z.int(),
  /** Of `launches`: played by the simulator. */
  simulated: z.int(),
  /** succeeded / (succeeded + failed), 0 to 1; absent while none has ended. */
  successRate: z.number().optional(),
  /** Most frequent first; cancelled launches are not among them. */
  failureReasons: z.array(z.object({ reason: failureReasonSchema, launches: z.int() })),
  /** Seconds from the request to the first good answer of the model, queue included, of successful launches. */
  launchSeconds: spreadSchema.optional(),
  /** Seconds in each phase, of successful launches. */
  phases: z.array(phaseSpreadSchema),
  /** US dollars from the machine's start until the model served, of successful launches. */
  costUntilActive: launchCostSchema.optional(),
  /** US dollars from the machine's start until it was gone, or until now, of all launches that have ended. */
  costTotal: launchCostSchema.optional(),
  /** The part of `costTotal` that went into launches that failed or were cancelled. */
  costUnsuccessful: launchCostSchema.optional(),
});
export type LaunchMetricsGroup = z.infer<typeof launchMetricsGroupSchema>;

export const launchMetricsSchema = z.object({
  groupBy: z.array(launchDimensionSchema),
  total: launchMetricsGroupSchema,
  /** Most launches first; empty where nothing is grouped. */
  groups: z.array(launchMetricsGroupSchema),
  /** There are more groups than were answered, or more launches in the window than were looked at. */
  truncated: z.boolean(),
});
export type LaunchMetrics = z.infer<typeof launchMetricsSchema>;

/** Launches that are alike enough for one to tell what is usual of another. */
export const usualPhasesQuerySchema = z.strictObject({
  provider: providerSchema,
  gpu: filledText(32),
  /** Simulated launches say nothing of real ones: the node's own orchestrator belongs here. */
  orchestrator: orchestratorKindSchema.optional(),
});
export type UsualPhasesQuery = z.output<typeof usualPhasesQuerySchema>;

/** How long phases took in the latest successful launches of a kind. */
export const usualPhasesSchema = z.object({
  /** How many launches were looked at. */
  launches: z.int(),
  /** Seconds in each. */
  phases: z.array(phaseSpreadSchema),
});
export type UsualPhases = z.infer<typeof usualPhasesSchema>;
