import { Counter, Gauge, type Registry } from 'prom-client';
import type { LossReason, NodeHealth } from '@launchlog/shared/node';
import { LOSS_REASONS, NODE_HEALTHS } from '@launchlog/shared/node';

/** Counts what the watch of active nodes does on this server. */
export class PrometheusHealthMeter {
  readonly #probes: Counter<'result'>;
  readonly #looks: Counter<'result'>;
  readonly #changes: Counter<'health'>;
  readonly #losses: Counter<'reason'>;
  readonly #watching: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#probes = new Counter({
      name: 'launchlog_probes_total',
      help: 'Probes of the model servers of active nodes by this server.',
      labelNames: ['result'],
      registers,
    });
    this.#looks = new Counter({
      name: 'launchlog_cluster_looks_total',
      help: 'Questions to the orchestrator about clusters; blind ones were not answered.',
      labelNames: ['result'],
      registers,
    });
    this.#changes = new Counter({
      name: 'launchlog_health_changes_total',
      help: 'Changes of the health of active nodes, by their new health.',
      labelNames: ['health'],
      registers,
    });
    this.#losses = new Counter({
      name: 'launchlog_nodes_lost_total',
      help: 'Active nodes whose machine was found gone by this server.',
      labelNames: ['reason'],
      registers,
    });
    this.#watching = new Gauge({
      name: 'launchlog_nodes_watched',
      help: 'Active nodes that this server watches.',
      registers,
    });
    // A series that appears with its first event shows no increase, and no alert.
    for (const reason of LOSS_REASONS) this.#losses.inc({ reason }, 0);
    for (const health of NODE_HEALTHS) this.#changes.inc({ health }, 0);
    for (const result of ['seen', 'blind']) this.#looks.inc({ result }, 0);
  }

  probed(result: 'ok' | 'slow' | 'failed'): void {
    this.#probes.inc({ result });
  }

  looked(result: 'seen' | 'blind'): void {
    this.#looks.inc({ result });
  }

  changed(health: NodeHealth): void {
    this.#changes.inc({ health });
  }

  lost(reason: LossReason): void {
    this.#losses.inc({ reason });
  }

  watching(nodes: number): void {
    this.#watching.set(nodes);
  }
}
