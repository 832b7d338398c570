import type { Clock } from '../clock.js';
import type { Orchestrator } from '../orchestrator/orchestrator.js';
import type { ClusterSight, KnownCluster } from '../orchestrator/sight/cluster-sight.js';

interface ClusterLookoutOptions {
  readonly orchestrator: Pick<Orchestrator, 'look'>;
  readonly clock: Clock;
  readonly lookMs: number;
  /** The clusters to look at. */
  readonly clusters: () => readonly KnownCluster[];
  /** `closely`: whether its cloud was asked. */
  readonly onSight: (clusterName: string, sight: ClusterSight, closely: boolean) => void;
  readonly onLooked: (result: 'seen' | 'blind') => void;
}

/** Suspects collected before one question about all of them. */
const GATHER_MS = 1_000;
/** Clusters in one question that asks the clouds. */
const CLOSE_LOOK_MAX = 100;
/** The pause after a failed look. */
const BLIND_PAUSE_MS = 5_000;

/**
 * Asks the orchestrator about clusters: about all of them at intervals, in one call, and about suspects as soon as possible,
 * many in one call. One call of each kind runs at a time.
 */
export class ClusterLookout {
  readonly #options: ClusterLookoutOptions;
  readonly #suspects = new Map<string, KnownCluster>();
  readonly #stopping = new AbortController();
  #problem: string | undefined;
  #cancelLook: () => void = () => undefined;
  #closeLook: Promise<void> | undefined;
  #wideLook: Promise<unknown> | undefined;

  constructor(options: ClusterLookoutOptions) {
    this.#options = options;
  }

  /** Why the last question was not answered; undefined if it was. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    this.#schedule(this.#options.lookMs);
  }

  /** Asks for this cluster soon, including its cloud. */
  suspect(cluster: KnownCluster): void {
    this.#suspects.set(cluster.clusterName, cluster);
    this.#closeLook ??= this.#lookClosely().finally(() => (this.#closeLook = undefined));
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('this server is stopping'));
    this.#cancelLook();
    await Promise.all([this.#closeLook, this.#wideLook]);
  }

  #schedule(ms: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#cancelLook = this.#options.clock.after(ms, () => {
      const { lookMs, clusters } = this.#options;
      this.#wideLook = this.#look(clusters(), false).finally(() => this.#schedule(lookMs));
    });
  }

  async #lookClosely(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(GATHER_MS, signal).catch(() => undefined);
      const some = [...this.#suspects.values()].slice(0, CLOSE_LOOK_MAX);
      if (some.length === 0 || signal.aborted) return;
      for (const { clusterName } of some) this.#suspects.delete(clusterName);
      const seen = await this.#look(some, true);
      if (!seen) await clock.sleep(BLIND_PAUSE_MS, signal).catch(() => undefined);
    }
  }

  /** Never rejects. */
  async #look(clusters: readonly KnownCluster[], closely: boolean): Promise<boolean> {
    if (clusters.length === 0) return true;
    const { orchestrator, onSight, onLooked } = this.#options;
    const { signal } = this.#stopping;
    try {
      const sights = await orchestrator.look(clusters, closely, signal);
      if (signal.aborted) return true;
      this.#problem = undefined;
      onLooked('seen');
      for (const [clusterName, sight] of sights) onSight(clusterName, sight, closely);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.#problem = error instanceof Error ? error.message : String(error);
      onLooked('blind');
      return false;
    }
  }
}
