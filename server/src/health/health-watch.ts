import { setMaxListeners } from 'node:events';
import type { Node } from '@launchlog/shared/node';
import type { Clock } from '../clock.js';
import type { HealthStore, HealthWatcher, WatchableNode } from '../node/health-store.js';
import type { LaunchSpec, Orchestrator } from '../orchestrator/orchestrator.js';
import type { ClusterSight } from '../orchestrator/sight/cluster-sight.js';
import { backoffMs } from '../wait/backoff.js';
import { WokenLoop } from '../wait/woken-loop.js';
import { ClusterLookout } from './cluster-lookout.js';
import type { EndpointAnswer, EndpointProbe } from './endpoint-probe.js';
import type { HealthLimits } from './health-limits.js';
import type { HealthMeter } from './health-meter.js';
import { HealthWrites } from './health-writes.js';
import { ProbeSchedule } from './probe-schedule.js';
import { WatchedNode } from './watched-node.js';

export interface HealthWatchOptions {
  readonly store: HealthStore;
  readonly orchestrator: Pick<Orchestrator, 'kind' | 'look' | 'restore'>;
  readonly probe: EndpointProbe;
  readonly clock: Clock;
  readonly watcher: HealthWatcher;
  readonly limits: HealthLimits;
  readonly meter: HealthMeter;
  /** The key of a node's model server; undefined if it needs none, or if the key cannot be opened. */
  readonly keyOf: (record: WatchableNode) => string | undefined;
  /** Called when the health of nodes has changed. Must not throw. */
  readonly onChanged: () => void;
  /** Called when the machine of a node is gone. Must not throw. */
  readonly onLost: (node: Node) => void;
  /** Called when a model server stays silent or its machine is gone: its last output is worth storing. Must not throw. */
  readonly onSilent: (spec: LaunchSpec) => void;
  /** Called when the launch of a node asks for its end. Must not throw. */
  readonly onEnding: () => void;
  readonly onProblem: (problem: string, error: unknown) => void;
}

const CLAIM_MAX = 500;
/** A few new nodes are probed within this time; many are spread over the whole interval. */
const FEW_NODES = 20;
const FEW_SPREAD_MS = 2_000;
/** With fewer nodes, the silence of most of them does not put our own network in doubt. */
const DOUBT_MIN_NODES = 4;
const RETRY_MAX_MS = 10_000;
const GATHER_MS = 500;

/**
 * Watches active nodes until they are terminated or lost: probes their model servers and asks the orchestrator about
 * their machines. Any number of servers may each run one on the same database; one of them watches a node at a time.
 *
 *     claim -> probe, look -> vital signs -> health in the row -> lost
 *
 * What was decided but could not be stored is stored when the database is back, if the node is still ours. See
 * decision 131.
 */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #nodes = new Map<string, WatchedNode>();
  readonly #byCluster = new Map<string, WatchedNode>();
  readonly #writes: HealthWrites;
  readonly #silent = new Set<string>();
  readonly #schedule: ProbeSchedule<WatchedNode>;
  readonly #lookout: ClusterLookout;
  readonly #loop: WokenLoop;
  readonly #stopping = new AbortController();
  #claimDue = true;
  /** The last claim may have taken nodes that this server does not know. */
  #claimLost = false;
  #cancelStore: (() => void) | undefined;
  #roundAt = -Infinity;
  #sightingsAt: number;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    // Each running probe listens.
    setMaxListeners(0, this.#stopping.signal);
    const { clock, limits, orchestrator, meter } = options;
    this.#writes = new HealthWrites({ ...options, watcherId: options.watcher.id });
    this.#sightingsAt = clock.monotonic();
    this.#schedule = new ProbeSchedule({ clock, probe: (node) => this.#probe(node) });
    this.#lookout = new ClusterLookout({
      orchestrator,
      clock,
      lookMs: limits.lookMs,
      clusters: () => [...this.#nodes.values()].map(({ cluster }) => cluster),
      onSight: (clusterName, sight, closely) => this.#saw(clusterName, sight, closely),
      onLooked: (result) => meter.looked(result),
    });
    const retry = { firstMs: limits.roundMs, maxMs: Math.max(limits.roundMs, RETRY_MAX_MS) };
    this.#loop = new WokenLoop({
      clock,
      round: () => this.#round(),
      pauseMs: (failures) => backoffMs(retry, failures + 1),
      onFailure: (error, failures) => {
        if (failures === 1) options.onProblem('the watch of active nodes waits for the database', error);
      },
      wakesAfterFailure: false,
    });
  }

  /** How many nodes this server watches. */
  get watched(): number {
    return this.#nodes.size;
  }

  /** Idempotent. */
  start(): void {
    this.#schedule.start();
    this.#lookout.start();
    this.#loop.start();
  }

  /** Looks for new nodes at once: one may have become active. Never throws. */
  nudge(): void {
    this.#claimDue = true;
    this.#loop.wake();
  }

  /** Gives all nodes up, so that other servers take them at once. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('this server is stopping'));
    this.#schedule.stop();
    this.#cancelStore?.();
    await Promise.all([this.#loop.stop(), this.#lookout.stop()]);
    const { store, watcher, onProblem } = this.#options;
    await store
      .leave(watcher.id)
      .catch((error: unknown) => onProblem('the lease on active nodes was not released', error));
  }

  async #round(): Promise<void> {
    const { store, watcher, limits, clock, orchestrator } = this.#options;
    await this.#writes.store();
    const nowMs = clock.monotonic();
    const isDue = nowMs - this.#roundAt >= limits.roundMs;
    if (!isDue && !this.#claimDue) return;
    this.#claimDue = false;
    const hasFree = await store.renew(watcher, limits.leaseMs, orchestrator.kind);
    if (isDue && this.#nodes.size > 0) await this.#keepHeld();
    if (hasFree || this.#claimLost) await this.#claim();
    if (nowMs - this.#sightingsAt >= limits.sightingsMs) await this.#writeSightings();
    this.#roundAt = nowMs;
  }

  /** Forgets nodes that were terminated, or that another server took over. */
  async #keepHeld(): Promise<void> {
    const { store, watcher } = this.#options;
    const watched = [...this.#nodes.values()];
    const held = new Set(await store.held(watcher.id));
    for (const node of watched) if (!held.has(node.id)) this.#forget(node);
  }

  async #claim(): Promise<void> {
    const { store, watcher, orchestrator, limits, meter, keyOf } = this.#options;
    for (;;) {
      const known = this.#claimLost ? [...this.#nodes.keys(), ...this.#writes.leaving] : undefined;
      const request = { watcherId: watcher.id, orchestrator: orchestrator.kind, limit: CLAIM_MAX, known };
      this.#claimLost = true;
      const records = await store.claim(request);
      this.#claimLost = false;
      const nodes = records.map((record) => new WatchedNode(record, limits, keyOf(record)));
      const spreadMs =
        nodes.length > FEW_NODES ? limits.intervalMs : Math.min(FEW_SPREAD_MS, limits.intervalMs);
      for (const [index, node] of nodes.entries()) {
        const before = this.#nodes.get(node.id);
        if (before !== undefined) this.#forget(before);
        await orchestrator.restore?.(node.spec).catch(() => undefined);
        this.#nodes.set(node.id, node);
        this.#byCluster.set(node.cluster.clusterName, node);
        this.#schedule.add(node, (spreadMs * index) / nodes.length);
      }
      meter.watching(this.#nodes.size);
      if (nodes.length < CLAIM_MAX || this.#stopping.signal.aborted) return;
    }
  }

  async #writeSightings(): Promise<void> {
    const { store, watcher, clock } = this.#options;
    this.#sightingsAt = clock.monotonic();
    const sightings = [...this.#nodes.values()].flatMap((node) => {
      const atMs = node.takeUnwrittenSign();
      return atMs === undefined ? [] : [{ nodeId: node.id, atMs }];
    });
    await store.sighted(watcher.id, sightings);
  }

  /** Never rejects. */
  async #probe(node: WatchedNode): Promise<number> {
    const { limits, probe, clock, meter } = this.#options;
    const answer = await this.#ask(node, probe);
    if (this.#nodes.get(node.id) !== node || this.#stopping.signal.aborted) return limits.intervalMs;
    meter.probed(answer.ok ? (answer.tookMs > limits.slowMs ? 'slow' : 'ok') : 'failed');
    const visibility = {
      orchestratorProblem: this.#lookout.problem,
      networkInDoubt: this.#nodes.size >= DOUBT_MIN_NODES && this.#silent.size * 2 >= this.#nodes.size,
    };
    const change = node.signs.probed(answer, visibility, clock.now());
    if (node.signs.silent) this.#silent.add(node.id);
    else this.#silent.delete(node.id);
    const pauseMs = node.pauseAfter(answer);
    if (node.signs.suspect && node.wantsCloseLook) this.#lookout.suspect(node.cluster);
    if (change !== undefined) {
      const { lastSignMs } = node.signs;
      this.#writes.change({ nodeId: node.id, ...change, reason: change.reason, lastSignMs });
      this.#storeSoon();
      if (change.health === 'unreachable') this.#options.onSilent(node.spec);
    }
    await this.#upkeep(node, answer);
    return pauseMs;
  }

  /** Ends the node if its launch asks for that, by what was seen of it. */
  async #upkeep(node: WatchedNode, answer: EndpointAnswer): Promise<void> {
    const { probe, clock, limits } = this.#options;
    let end = node.unreachableFor(clock.now());
    if (answer.ok && node.endpoint !== undefined && node.wantsUsage()) {
      const question = { endpoint: node.endpoint, timeoutMs: limits.timeoutMs };
      const usage = await probe.usage(question, this.#stopping.signal);
      if (this.#nodes.get(node.id) !== node || this.#stopping.signal.aborted || usage === undefined) return;
      const seen = node.idleSigns.looked(usage, clock.now());
      if (seen.changed) {
        this.#writes.idle({ nodeId: node.id, idle: seen.idle });
        this.#storeSoon();
      }
      end = node.idleFor(clock.now());
    }
    if (end === undefined) return;
    this.#forget(node);
    this.#writes.end(end);
    this.#storeSoon();
  }

  #ask(node: WatchedNode, probe: EndpointProbe): Promise<EndpointAnswer> {
    const { endpoint } = node;
    if (endpoint === undefined) {
      return Promise.resolve({ ok: false, answered: false, tookMs: 0, message: 'its address is not known' });
    }
    const { timeoutMs } = this.#options.limits;
    return probe.ask({ endpoint, ...node.nextQuestion(), timeoutMs }, this.#stopping.signal);
  }

  #saw(clusterName: string, sight: ClusterSight, closely: boolean): void {
    const node = this.#byCluster.get(clusterName);
    if (node === undefined) return;
    const loss = node.signs.saw(sight, closely, this.#options.clock.now());
    if (loss !== undefined) {
      this.#forget(node);
      this.#options.onSilent(node.spec);
      this.#writes.lose({ nodeId: node.id, ...loss });
      this.#storeSoon();
    } else if (sight.kind === 'gone' && !closely) {
      this.#schedule.hurry(node);
      if (node.signs.silent) this.#lookout.suspect(node.cluster);
    }
  }

  /** Changes that are seen at about the same time are stored together. */
  #storeSoon(): void {
    this.#cancelStore ??= this.#options.clock.after(GATHER_MS, () => {
      this.#cancelStore = undefined;
      this.#loop.wake();
    });
  }

  #forget(node: WatchedNode): void {
    this.#nodes.delete(node.id);
    this.#byCluster.delete(node.cluster.clusterName);
    this.#silent.delete(node.id);
    this.#writes.forget(node.id);
    this.#schedule.remove(node);
    this.#options.meter.watching(this.#nodes.size);
  }
}
