import { PHASES } from '@launchlog/shared/phase';
import { heavyWork } from '../wait/fair-turns.js';
import { LaunchCounts } from './launch-counts.js';
import { groupOf, type Measures, type TalliedGroup } from './launch-group.js';
import { LaunchSamples, SampleValues } from './launch-samples.js';
import type { PackedLaunch } from './packed-launch.js';

/** The facts of a launch that are not packed. */
interface LaunchTraits {
  /** Its group. The caller numbers them from 0, in the order in which they come. */
  readonly group: number;
  /** Dollars per hour and GPU of the operator's table; NaN if it has none. */
  readonly listPrice: number;
}

const SECONDS_PER_HOUR = 3_600;

/** Adds up launches by group. Costs and times that have not ended are counted until `nowMs`, milliseconds since 1970. */
export class LaunchTally {
  readonly #nowMs: number;
  readonly #counts: LaunchCounts[] = [];
  readonly #samples: Measures<LaunchSamples> = {
    launchSeconds: new LaunchSamples(),
    costUntilActive: new LaunchSamples(),
    costTotal: new LaunchSamples(),
    costUnsuccessful: new LaunchSamples(),
    activeSeconds: new LaunchSamples(),
    phases: PHASES.map(() => new LaunchSamples()),
  };

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** How many launches each group has. */
  get sizes(): readonly number[] {
    return this.#counts.map(({ launches }) => launches);
  }

  add(launch: PackedLaunch, { group, listPrice }: LaunchTraits): void {
    const counts = this.#countsOf(group);
    counts.add(launch);
    if (Number.isNaN(launch.endedMs)) return;
    const price = Number.isNaN(launch.pricePerHour) ? launch.gpuCount * listPrice : launch.pricePerHour;
    const sinceEndSeconds = this.#secondsSinceEnd(launch);
    const isSuccess = !launch.isFailed && !launch.isCancelled;
    const served = launch.hasMachine && (isSuccess || launch.isKept) ? sinceEndSeconds : 0;
    const cost = dollars(launch.machineSeconds + served, price);
    this.#samples.costTotal.add(group, cost);
    if (!isSuccess) {
      this.#samples.costUnsuccessful.add(group, cost);
      return;
    }
    this.#samples.launchSeconds.add(group, launch.launchSeconds);
    this.#samples.costUntilActive.add(group, dollars(launch.machineSeconds, price));
    this.#samples.activeSeconds.add(group, sinceEndSeconds);
    counts.downSeconds += Math.min(this.#downSeconds(launch), sinceEndSeconds);
    const { phases } = this.#samples;
    for (let phase = 0; phase < phases.length; phase += 1) {
      phases[phase]?.add(group, launch.phaseSeconds[phase] ?? NaN);
    }
  }

  /** The latest failed node of each reason in these groups, and in all together. */
  latestFailures(keep: readonly number[]): ReadonlySet<string> {
    const failures = [this.#sum(), ...keep.map((group) => this.#countsOf(group))].flatMap((counts) => [
      ...counts.failures.values(),
    ]);
    return new Set(failures.map(({ nodeId }) => nodeId));
  }

  /** All launches together, and then these groups, in this order. `messages` has the failure message of each node. */
  async groups(
    keep: readonly number[],
    messages: ReadonlyMap<string, string>,
  ): Promise<readonly [TalliedGroup, ...TalliedGroup[]]> {
    const ranks = new Int32Array(this.#counts.length).fill(-1);
    for (const [rank, group] of keep.entries()) ranks[group] = rank;
    const valuesOf = async (samples: LaunchSamples) => {
      await heavyWork.turn();
      const all = samples.all();
      await heavyWork.turn();
      return [all, ...samples.ofRanks(ranks, keep.length)];
    };
    const { phases, ...measures } = this.#samples;
    const columns: Measures<readonly SampleValues[]> = {
      launchSeconds: await valuesOf(measures.launchSeconds),
      costUntilActive: await valuesOf(measures.costUntilActive),
      costTotal: await valuesOf(measures.costTotal),
      costUnsuccessful: await valuesOf(measures.costUnsuccessful),
      activeSeconds: await valuesOf(measures.activeSeconds),
      phases: await inTurn(phases, valuesOf),
    };
    const group = (counts: LaunchCounts, at: number) => groupOf(counts, columnsAt(columns, at), messages);
    return [group(this.#sum(), 0), ...keep.map((key, rank) => group(this.#countsOf(key), rank + 1))];
  }

  #sum(): LaunchCounts {
    const sum = new LaunchCounts();
    for (const counts of this.#counts) sum.addAll(counts);
    return sum;
  }

  #countsOf(group: number): LaunchCounts {
    let counts = this.#counts[group];
    if (counts === undefined) {
      counts = new LaunchCounts();
      this.#counts[group] = counts;
    }
    return counts;
  }

  /** After its launch has ended a machine still costs, if it serves or was kept for inspection. */
  #secondsSinceEnd({ endedMs, terminatedMs }: PackedLaunch): number {
    return Math.max(0, (this.#until(terminatedMs) - endedMs) / 1_000);
  }

  #downSeconds({ unreachableMs, terminatedMs }: PackedLaunch): number {
    let seconds = 0;
    for (let index = 0; index < unreachableMs.length; index += 2) {
      const [from = NaN, to = NaN] = [unreachableMs[index], unreachableMs[index + 1]];
      seconds += Math.max(0, (Math.min(this.#until(to), this.#until(terminatedMs)) - from) / 1_000);
    }
    return seconds;
  }

  #until(ms: number): number {
    return Number.isNaN(ms) ? this.#nowMs : ms;
  }
}

async function inTurn<From, To>(items: readonly From[], of: (item: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (const item of items) results.push(await of(item));
  return results;
}

function columnsAt(columns: Measures<readonly SampleValues[]>, at: number): Measures<SampleValues> {
  const one = (column: readonly SampleValues[]) => column[at] ?? NO_SAMPLES;
  return {
    launchSeconds: one(columns.launchSeconds),
    costUntilActive: one(columns.costUntilActive),
    costTotal: one(columns.costTotal),
    costUnsuccessful: one(columns.costUnsuccessful),
    activeSeconds: one(columns.activeSeconds),
    phases: columns.phases.map(one),
  };
}

const NO_SAMPLES = new SampleValues(new Float64Array());

/** A launch that never had a machine cost nothing, even if its price is unknown. */
function dollars(seconds: number, price: number): number {
  return seconds === 0 ? 0 : (price * seconds) / SECONDS_PER_HOUR;
}
