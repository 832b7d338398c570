import { z } from 'zod';
import type { LaunchDimension, LaunchMetricsGroup, PhaseSpread } from '@launchlog/shared/launch-metrics';
import { launchCostSchema, phaseSpreadSchema, spreadSchema } from '@launchlog/shared/launch-metrics';
import { failureReasonSchema } from '@launchlog/shared/node';
import { phaseRank } from '@launchlog/shared/phase';

/** Without samples the database answers with nulls: leave the field out. */
function ofSome<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => (noneSchema.safeParse(value).success ? undefined : value),
    schema.optional(),
  );
}

const SECONDS_PER_HOUR = 3_600;
const noneSchema = z.object({ samples: z.literal(0) });
const keySchema = z.array(z.union([z.string(), z.boolean(), z.null()])).nullable();
const reasonSchema = z.object({
  /** A newer release may know others. */
  reason: failureReasonSchema.catch('unknown'),
  launches: z.int(),
  message: z.string(),
});
const numbersSchema = z.object({
  launches: z.int(),
  running: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  simulated: z.int(),
  launchSeconds: ofSome(spreadSchema),
  costUntilActive: ofSome(launchCostSchema),
  costTotal: ofSome(launchCostSchema),
  costUnsuccessful: ofSome(launchCostSchema),
  lost: z.int(),
  preempted: z.int(),
  activeSeconds: ofSome(launchCostSchema),
  downSeconds: z.number(),
});

/** One row of the statement: some numbers of one group of launches. The key is null for all launches together. */
export const launchMetricRowSchema = z.discriminatedUnion('part', [
  z.object({ part: z.literal('launches'), key: keySchema, numbers: numbersSchema }),
  z.object({ part: z.literal('phase'), key: keySchema, numbers: phaseSpreadSchema }),
  z.object({ part: z.literal('reason'), key: keySchema, numbers: reasonSchema }),
]);
export type LaunchMetricRow = z.infer<typeof launchMetricRowSchema>;

/** Combines the rows of one group; undefined if the row that counts its launches is missing. */
export function groupOf(
  rows: readonly LaunchMetricRow[],
  groupBy: readonly LaunchDimension[],
): LaunchMetricsGroup | undefined {
  const counted = rows.find((row) => row.part === 'launches');
  if (counted === undefined) return undefined;
  const { key } = counted;
  const { downSeconds, ...numbers } = counted.numbers;
  const { succeeded, failed } = numbers;
  const ended = succeeded + failed;
  const reasons = rows.flatMap((row) => (row.part === 'reason' ? [row.numbers] : []));
  const phases = rows.flatMap((row) => (row.part === 'phase' ? [row.numbers] : []));
  return {
    group: Object.fromEntries((key ?? []).map((value, place) => [groupBy[place] ?? '', value])),
    ...numbers,
    ...(ended > 0 && { successRate: succeeded / ended }),
    ...lifeOf(counted.numbers, downSeconds),
    failureReasons: reasons.toSorted((a, b) => b.launches - a.launches || a.reason.localeCompare(b.reason)),
    phases: inOrder(phases),
  };
}

/** What became of the nodes after their launch. */
function lifeOf(
  { succeeded, lost, preempted, activeSeconds, costTotal }: z.infer<typeof numbersSchema>,
  downSeconds: number,
): Partial<LaunchMetricsGroup> {
  const activeTotal = activeSeconds?.total ?? 0;
  const usefulHours = Math.max(0, activeTotal - downSeconds) / SECONDS_PER_HOUR;
  return {
    ...(succeeded > 0 && { preemptionRate: preempted / succeeded }),
    ...(activeTotal > 0 && { uptime: Math.max(0, 1 - downSeconds / activeTotal) }),
    ...(lost > 0 && { meanSecondsToLoss: activeTotal / lost }),
    ...(usefulHours > 0 && costTotal !== undefined && { costPerUsefulHour: costTotal.total / usefulHours }),
  };
}

export function inOrder(phases: readonly PhaseSpread[]): PhaseSpread[] {
  return phases.toSorted((a, b) => phaseRank(a.phase) - phaseRank(b.phase));
}
