import type { LaunchSpec } from '../orchestrator/orchestrator.js';
import type { KnownCluster } from '../orchestrator/sight/cluster-sight.js';
import type { ServingSign } from '../orchestrator/own-task/serving-sign.js';
import { servingSignOf } from '../orchestrator/own-task/serving-sign.js';
import { endedLaunchSpec } from '../launch/launch-spec.js';
import type { NodeEnd } from '../node/health-store.js';
import type { NodeRecord, StoredRequest } from '../node/node-record.js';
import type { EndpointAnswer, EndpointQuestion } from './endpoint-probe.js';
import type { HealthLimits } from './health-limits.js';
import { idleLimits } from './idle/idle-limits.js';
import { IdleSigns } from './idle/idle-signs.js';
import { VitalSigns } from './vital-signs.js';

/** How often the names of models are requested; `/health` is requested each time. */
const MODELS_EVERY = 10;
/** Failed probes that follow quickly; later ones keep the usual interval. */
const QUICK_PROBES = 6;
const CLOSE_LOOK_EVERY = 4;
/** Failed probes of this watcher before it ends a node for being unreachable. */
const FAILURES_MIN = 3;
const MINUTE_MS = 60_000;

/** An active node that this server watches. */
export class WatchedNode {
  readonly id: string;
  readonly cluster: KnownCluster;
  readonly endpoint: string | undefined;
  readonly spec: LaunchSpec;
  readonly signs: VitalSigns;
  readonly #key: string | undefined;
  readonly #sign: ServingSign | undefined;
  readonly idleSigns: IdleSigns;
  readonly #request: StoredRequest;
  readonly #idle: ReturnType<typeof idleLimits>;
  readonly #limits: HealthLimits;
  #probes = 0;
  #failures = 0;
  /** The last sign of life that is stored. */
  #writtenSignMs: number;

  /** `key` is the one that the model server expects, if it is known. */
  constructor(record: NodeRecord, limits: HealthLimits, key?: string) {
    const { node, request, handle } = record;
    const { health, healthSince, healthReason: reason } = node;
    this.id = node.id;
    this.cluster = { clusterName: node.clusterName, useSpot: node.useSpot, handle };
    this.endpoint = node.endpoint;
    this.spec = endedLaunchSpec(record);
    this.#limits = limits;
    this.#key = key;
    this.#sign = signOf(request, key !== undefined);
    this.#request = request;
    this.#idle = idleLimits(request.terminateWhenIdle, limits.intervalMs);
    this.idleSigns = new IdleSigns(this.#idle, record.idle);
    const lastSignMs = Date.parse(node.lastSeenAt ?? node.endedAt ?? node.updatedAt);
    this.#writtenSignMs = lastSignMs;
    this.signs = new VitalSigns({
      condition: health && { health, sinceMs: Date.parse(healthSince ?? node.updatedAt), reason },
      lastSignMs,
      slowMs: limits.slowMs,
      confirmMs: limits.confirmMs,
    });
  }

  /** The target of this probe. The list of models is not requested each time. */
  nextQuestion(): Pick<EndpointQuestion, 'sign' | 'key'> {
    this.#probes += 1;
    const asks = this.#sign?.kind === 'ready' || this.#probes % MODELS_EVERY === 1 || this.signs.suspect;
    return { sign: asks ? this.#sign : undefined, key: this.#key };
  }

  /** Whether to read its metrics after this probe. */
  wantsUsage(): boolean {
    return this.#probes % this.#idle.every === 0;
  }

  /** The end of the node, if it has been unreachable for as long as its launch allows. */
  unreachableFor(nowMs: number): NodeEnd | undefined {
    const { condition } = this.signs;
    const { onLoss, relaunchUnreachableAfter = Infinity } = this.#request;
    const awayMs = condition?.health === 'unreachable' ? nowMs - condition.sinceMs : 0;
    // A fault that an earlier watcher saw may be over: this one has to see it too.
    const seen = this.#failures >= FAILURES_MIN;
    if (onLoss !== 'relaunch' || !seen || awayMs < relaunchUnreachableAfter * MINUTE_MS) return undefined;
    const reason = `it has been unreachable for ${minutes(awayMs)} min`;
    return { nodeId: this.id, rule: 'on_loss', reason, relaunch: true };
  }

  /** The end of the node, if its metrics, which were read just now, show it idle for as long as its launch allows. */
  idleFor(nowMs: number): NodeEnd | undefined {
    const { sinceMs } = this.idleSigns;
    const idleMs = sinceMs === undefined ? 0 : nowMs - sinceMs;
    if (idleMs < this.#idle.terminateMs) return undefined;
    const reason = `it has had no request for ${minutes(idleMs)} min`;
    return { nodeId: this.id, rule: 'terminate_when_idle', reason, relaunch: false };
  }

  /** Whether to ask the cloud after a failed probe: less often while the fault lasts. */
  get wantsCloseLook(): boolean {
    return this.#failures <= QUICK_PROBES || this.#failures % CLOSE_LOOK_EVERY === 0;
  }

  /** Milliseconds until the next probe. */
  pauseAfter(answer: EndpointAnswer): number {
    this.#failures = answer.ok ? 0 : this.#failures + 1;
    const { intervalMs, suspectMs } = this.#limits;
    return this.#failures > 0 && this.#failures <= QUICK_PROBES ? suspectMs : intervalMs;
  }

  /** The last sign of life, if it is not stored yet. */
  takeUnwrittenSign(): number | undefined {
    const { lastSignMs } = this.signs;
    if (lastSignMs <= this.#writtenSignMs) return undefined;
    this.#writtenSignMs = lastSignMs;
    return lastSignMs;
  }
}

function minutes(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** Undefined where `/v1/models` answers only to callers with a key that we lack: `/health` is open to all. */
function signOf(request: LaunchSpec['request'], hasKey: boolean): ServingSign | undefined {
  if ((request.endpointAuth ?? 'none') !== 'none' && !hasKey && request.ready === undefined) return undefined;
  try {
    return servingSignOf(request);
  } catch {
    return { kind: 'models', names: [request.model] };
  }
}
