import type { LaunchSpec } from '../orchestrator/orchestrator.js';
import type { KnownCluster } from '../orchestrator/sight/cluster-sight.js';
import type { ServingSign } from '../orchestrator/own-task/serving-sign.js';
import { servingSignOf } from '../orchestrator/own-task/serving-sign.js';
import { endedLaunchSpec } from '../launch/launch-spec.js';
import type { NodeRecord } from '../node/node-record.js';
import type { EndpointAnswer, EndpointQuestion } from './endpoint-probe.js';
import type { HealthLimits } from './health-limits.js';
import { VitalSigns } from './vital-signs.js';

/** The names of models are asked for this often; `/health` is asked each time. */
const MODELS_EVERY = 10;
/** Failed probes that follow each other quickly; later ones keep the usual distance. */
const QUICK_PROBES = 6;
const CLOSE_LOOK_EVERY = 4;

/** An active node that this server watches. */
export class WatchedNode {
  readonly id: string;
  readonly cluster: KnownCluster;
  readonly endpoint: string | undefined;
  readonly spec: LaunchSpec;
  readonly signs: VitalSigns;
  readonly #key: string | undefined;
  readonly #sign: ServingSign | undefined;
  readonly #limits: HealthLimits;
  #probes = 0;
  #failures = 0;
  /** The last sign of life that was written down. */
  #writtenSignMs: number;

  /** `key`: what the model server wants from its callers, where it is known. */
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
    const lastSignMs = Date.parse(node.lastSeenAt ?? node.endedAt ?? node.updatedAt);
    this.#writtenSignMs = lastSignMs;
    this.signs = new VitalSigns({
      condition: health && { health, sinceMs: Date.parse(healthSince ?? node.updatedAt), reason },
      lastSignMs,
      slowMs: limits.slowMs,
      confirmMs: limits.confirmMs,
    });
  }

  /** What to find at this probe. The list of models is not asked for each time. */
  nextQuestion(): Pick<EndpointQuestion, 'sign' | 'key'> {
    this.#probes += 1;
    const asks = this.#sign?.kind === 'ready' || this.#probes % MODELS_EVERY === 1 || this.signs.suspect;
    return { sign: asks ? this.#sign : undefined, key: this.#key };
  }

  /** Whether a failed probe is worth a question to the cloud: a fault that lasts is asked about less often. */
  get wantsCloseLook(): boolean {
    return this.#failures <= QUICK_PROBES || this.#failures % CLOSE_LOOK_EVERY === 0;
  }

  /** Milliseconds until the next probe. */
  pauseAfter(answer: EndpointAnswer): number {
    this.#failures = answer.ok ? 0 : this.#failures + 1;
    const { intervalMs, suspectMs } = this.#limits;
    return this.#failures > 0 && this.#failures <= QUICK_PROBES ? suspectMs : intervalMs;
  }

  /** The last sign of life, if it is not written down yet. */
  takeUnwrittenSign(): number | undefined {
    const { lastSignMs } = this.signs;
    if (lastSignMs <= this.#writtenSignMs) return undefined;
    this.#writtenSignMs = lastSignMs;
    return lastSignMs;
  }
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
