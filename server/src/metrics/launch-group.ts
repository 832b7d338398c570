import type { LaunchMetricsGroup, PhaseSpread } from '@launchlog/shared/launch-metrics';
import { failureReasonSchema } from '@launchlog/shared/node';
import { PHASES, phaseRank } from '@launchlog/shared/phase';
import type { LaunchCounts } from './launch-counts.js';
import type { SampleValues } from './launch-samples.js';

/** One value for each measure of launches. */
export interface Measures<Of> {
  readonly launchSeconds: Of;
  readonly costUntilActive: Of;
  readonly costTotal: Of;
  readonly costUnsuccessful: Of;
  readonly activeSeconds: Of;
  /** By the index in `PHASES`. */
  readonly phases: readonly Of[];
}

/** A group without its name. */
export type TalliedGroup = Omit<LaunchMetricsGroup, 'group'>;

const SECONDS_PER_HOUR = 3_600;

/** The report on one group of launches. `messages` has the failure message of each node. */
export function groupOf(
  counts: LaunchCounts,
  samples: Measures<SampleValues>,
  messages: ReadonlyMap<string, string>,
): TalliedGroup {
  const { launches, running, succeeded, failed, cancelled, simulated, lost, preempted } = counts;
  const ended = succeeded + failed;
  const phases = PHASES.flatMap((phase, index) => {
    const spread = samples.phases[index]?.spread;
    return spread === undefined ? [] : [{ phase, ...spread }];
  });
  return {
    launches,
    running,
    succeeded,
    failed,
    cancelled,
    simulated,
    ...(ended > 0 && { successRate: succeeded / ended }),
    launchSeconds: samples.launchSeconds.spread,
    costUntilActive: samples.costUntilActive.cost,
    costTotal: samples.costTotal.cost,
    costUnsuccessful: samples.costUnsuccessful.cost,
    lost,
    preempted,
    activeSeconds: samples.activeSeconds.cost,
    ...lifeOf(counts, samples),
    failureReasons: failureReasonsOf(counts, messages),
    phases: inOrder(phases),
  };
}

export function inOrder(phases: readonly PhaseSpread[]): PhaseSpread[] {
  return phases.toSorted((a, b) => phaseRank(a.phase) - phaseRank(b.phase));
}

/** Most frequent first. */
function failureReasonsOf(
  { failures }: LaunchCounts,
  messages: ReadonlyMap<string, string>,
): TalliedGroup['failureReasons'] {
  return [...failures]
    .map(([word, { launches, nodeId }]) => ({
      // A newer release may know others.
      reason: failureReasonSchema.catch('unknown').parse(word),
      launches,
      message: messages.get(nodeId) ?? '',
    }))
    .toSorted((a, b) => b.launches - a.launches || a.reason.localeCompare(b.reason));
}

/** What became of the nodes after their launch. */
function lifeOf(
  { succeeded, lost, preempted, downSeconds }: LaunchCounts,
  { activeSeconds, costTotal }: Measures<SampleValues>,
): Partial<TalliedGroup> {
  const activeTotal = activeSeconds.cost?.total ?? 0;
  const usefulHours = Math.max(0, activeTotal - downSeconds) / SECONDS_PER_HOUR;
  const cost = costTotal.cost;
  return {
    ...(succeeded > 0 && { preemptionRate: preempted / succeeded }),
    ...(activeTotal > 0 && { uptime: Math.max(0, 1 - downSeconds / activeTotal) }),
    ...(lost > 0 && { meanSecondsToLoss: activeTotal / lost }),
    ...(usefulHours > 0 && cost !== undefined && { costPerUsefulHour: cost.total / usefulHours }),
  };
}
