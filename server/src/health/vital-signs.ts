import type { LossReason, NodeHealth } from '@launchlog/shared/node';
import type { ClusterSight } from '../orchestrator/sight/cluster-sight.js';
import type { EndpointAnswer } from './endpoint-probe.js';

/** Times are in milliseconds since 1970, except for those of the limits. */
export interface Condition {
  readonly health: NodeHealth;
  readonly sinceMs: number;
  /** One sentence for people; absent while healthy. */
  readonly reason?: string | undefined;
}

interface Loss {
  readonly reason: LossReason;
  readonly message: string;
  readonly lastSignMs: number;
}

/** What the watcher as a whole can see. */
export interface Visibility {
  /** Why the orchestrator cannot be asked; undefined while it answers. */
  readonly orchestratorProblem: string | undefined;
  /** Most nodes do not answer this server, so that its own network is in doubt. */
  readonly networkInDoubt: boolean;
}

interface VitalSignsOptions {
  /** As stored; undefined before the first look. */
  readonly condition: Condition | undefined;
  /** The last sign of life that is known. */
  readonly lastSignMs: number;
  readonly slowMs: number;
  readonly confirmMs: number;
}

/** The number of latest probes that are remembered. */
const MEMORY = 10;
/** As many slow or failed ones among them make a node degraded. */
const IMPERFECT_MAX = 3;
/** Perfect probes in a row that make a degraded node healthy. */
const RECOVERY_PROBES = 4;
/** Answers in a row that make an unreachable node healthy. */
const RETURN_PROBES = 2;
/** Failed probes in a row that make a node unreachable. */
const FAILURES_MAX = 3;
/** Failed probes before a missing machine counts as lost. */
const LOSS_FAILURES_MIN = 2;

type Memory = 'good' | 'slow' | 'failed';

/**
 * What one server has seen of one active node, and what follows. Pure: it has neither clock nor I/O. A change needs several
 * observations that agree, and a loss needs two reports of the orchestrator while the model server is silent. A node that
 * cannot be seen is `unknown` and never lost. See decision 131.
 */
export class VitalSigns {
  readonly #slowMs: number;
  readonly #confirmMs: number;
  #condition: Condition | undefined;
  #lastSignMs: number;
  #recent: Memory[] = [];
  #failures = 0;
  #lastFailure: EndpointAnswer | undefined;
  #goneSinceMs: number | undefined;

  constructor(options: VitalSignsOptions) {
    this.#condition = options.condition;
    this.#lastSignMs = options.lastSignMs;
    this.#slowMs = options.slowMs;
    this.#confirmMs = options.confirmMs;
  }

  get lastSignMs(): number {
    return this.#lastSignMs;
  }

  /** Undefined before the first look. */
  get condition(): Condition | undefined {
    return this.#condition;
  }

  /** The last probe failed. */
  get suspect(): boolean {
    return this.#failures > 0;
  }

  /** Nothing answered the last probe. */
  get silent(): boolean {
    return this.#failures > 0 && this.#lastFailure?.answered !== true;
  }

  /** Returns the new condition if it changed. */
  probed(answer: EndpointAnswer, visibility: Visibility, nowMs: number): Condition | undefined {
    if (answer.answered) {
      this.#lastSignMs = nowMs;
      this.#goneSinceMs = undefined;
    }
    this.#remember(answer);
    const next = answer.ok ? this.#afterAnswer() : this.#afterFailure(answer, visibility);
    return next === undefined ? undefined : this.#become(next, nowMs);
  }

  /** Returns the loss if the machine is certainly gone. `closely`: its cloud was asked. */
  saw(sight: ClusterSight, closely: boolean, nowMs: number): Loss | undefined {
    if (sight.kind === 'there') {
      if (closely) this.#goneSinceMs = undefined;
      return undefined;
    }
    // A model server that answers contradicts the report, and is more reliable.
    if (!closely || !this.silent) return undefined;
    this.#goneSinceMs ??= nowMs;
    const confirmed = this.#failures >= LOSS_FAILURES_MIN && nowMs - this.#goneSinceMs >= this.#confirmMs;
    if (!confirmed) return undefined;
    return { reason: sight.reason, message: sight.message, lastSignMs: this.#lastSignMs };
  }

  #remember(answer: EndpointAnswer): void {
    this.#recent.push(answer.ok ? (answer.tookMs > this.#slowMs ? 'slow' : 'good') : 'failed');
    if (this.#recent.length > MEMORY) this.#recent.shift();
    this.#failures = answer.ok ? 0 : this.#failures + 1;
    if (!answer.ok) this.#lastFailure = answer;
  }

  #afterAnswer(): Omit<Condition, 'sinceMs'> | undefined {
    const health = this.#condition?.health;
    if (health === undefined || health === 'unknown') return this.#well();
    if (health === 'unreachable') {
      return this.#recent.slice(-RETURN_PROBES).every(isAnswer) ? this.#well() : undefined;
    }
    if (health === 'degraded') {
      const last = this.#recent.slice(-RECOVERY_PROBES);
      return last.length === RECOVERY_PROBES && last.every(isGood) ? this.#well() : undefined;
    }
    return this.#imperfection();
  }

  #afterFailure(answer: EndpointAnswer, visibility: Visibility): Omit<Condition, 'sinceMs'> | undefined {
    if (this.#condition?.health === 'unreachable') return undefined;
    if (this.#failures < FAILURES_MAX) {
      return this.#condition?.health === 'healthy' ? this.#imperfection() : undefined;
    }
    if (answer.answered)
      return { health: 'unreachable', reason: `The model server does not serve: ${answer.message}.` };
    if (visibility.networkInDoubt) {
      return {
        health: 'unknown',
        reason: 'Most nodes do not answer this server, so its own network may be at fault.',
      };
    }
    if (visibility.orchestratorProblem !== undefined) {
      return {
        health: 'unknown',
        reason: `The model server does not answer (${answer.message}), and SkyPilot cannot be asked about its machine: ${visibility.orchestratorProblem}`,
      };
    }
    return { health: 'unreachable', reason: `The model server does not answer: ${answer.message}.` };
  }

  #well(): Omit<Condition, 'sinceMs'> {
    this.#recent = [];
    return { health: 'healthy' };
  }

  #imperfection(): Omit<Condition, 'sinceMs'> | undefined {
    const failed = this.#recent.filter((each) => each === 'failed').length;
    const slow = this.#recent.filter((each) => each === 'slow').length;
    if (failed + slow < IMPERFECT_MAX) return undefined;
    const of = `of the last ${this.#recent.length} probes`;
    const reason =
      failed > slow
        ? `${failed} ${of} failed: ${this.#lastFailure?.message ?? 'no answer'}.`
        : `${slow} ${of} took longer than ${this.#slowMs / 1_000} s.`;
    return { health: 'degraded', reason };
  }

  #become(next: Omit<Condition, 'sinceMs'>, nowMs: number): Condition | undefined {
    const before = this.#condition;
    // The message may change while the fault lasts: that is not a change.
    if (before?.health === next.health) return undefined;
    this.#condition = { ...next, sinceMs: nowMs };
    return this.#condition;
  }
}

function isAnswer(memory: Memory): boolean {
  return memory !== 'failed';
}

function isGood(memory: Memory): boolean {
  return memory === 'good';
}
