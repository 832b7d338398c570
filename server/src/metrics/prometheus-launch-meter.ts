import { Counter, Histogram, type Registry } from 'prom-client';
import type { Node } from '@launchlog/shared/node';

const LAUNCH_BUCKETS_SECONDS = [10, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 2_700, 3_600, 7_200];
const PHASE_BUCKETS_SECONDS = [1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

/** Counts launches as they end on this server. */
export class PrometheusLaunchMeter {
  readonly #ended: Counter<'provider' | 'orchestrator' | 'outcome' | 'reason'>;
  readonly #duration: Histogram<'orchestrator' | 'outcome'>;
  readonly #phase: Histogram<'orchestrator' | 'outcome' | 'phase'>;
  readonly #problems: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#ended = new Counter({
      name: 'launchlog_launches_ended_total',
      help: 'Launches this server has ended. The reason of a success is none.',
      labelNames: ['provider', 'orchestrator', 'outcome', 'reason'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'launchlog_launch_duration_seconds',
      help: 'From the request to the end of the launch, the queue included.',
      labelNames: ['orchestrator', 'outcome'],
      buckets: LAUNCH_BUCKETS_SECONDS,
      registers,
    });
    this.#phase = new Histogram({
      name: 'launchlog_phase_duration_seconds',
      help: 'Time in each phase of launches that have ended.',
      labelNames: ['orchestrator', 'outcome', 'phase'],
      buckets: PHASE_BUCKETS_SECONDS,
      registers,
    });
    this.#problems = new Counter({
      name: 'launchlog_problems_total',
      help: 'Problems other than failed launches that the server wrote to its log.',
      registers,
    });
  }

  ended(node: Node): void {
    const { provider, orchestrator, failureReason } = node;
    const outcome = outcomeOf(node);
    this.#ended.inc({ provider, orchestrator, outcome, reason: failureReason ?? 'none' });
    let total = 0;
    for (const [phase, seconds] of Object.entries(node.phaseSeconds)) {
      this.#phase.observe({ orchestrator, outcome, phase }, seconds);
      total += seconds;
    }
    this.#duration.observe({ orchestrator, outcome }, total);
  }

  problem(): void {
    this.#problems.inc();
  }
}

function outcomeOf({ failureReason }: Node): 'succeeded' | 'failed' | 'cancelled' {
  if (failureReason === undefined) return 'succeeded';
  return failureReason === 'cancelled' ? 'cancelled' : 'failed';
}
