import type { ServingSign } from '../orchestrator/own-task/serving-sign.js';

/**
 * Asks model servers whether they serve. A probe never rejects: no answer is an answer too. No connection stays open.
 */
export interface EndpointProbe {
  ask(question: EndpointQuestion, signal: AbortSignal): Promise<EndpointAnswer>;

  /** The load of the model server; undefined if it does not report it as vLLM does. Never rejects. */
  usage(
    question: Pick<EndpointQuestion, 'endpoint' | 'timeoutMs'>,
    signal: AbortSignal,
  ): Promise<EndpointUsage | undefined>;
}

export interface EndpointQuestion {
  /** Base URL of the model server. */
  readonly endpoint: string;
  /** Undefined: only `/health` is asked. */
  readonly sign: ServingSign | undefined;
  /** The key that callers must send; undefined if they need none, or if it is unknown. */
  readonly key?: string | undefined;
  readonly timeoutMs: number;
}

export interface EndpointUsage {
  /** Requests that run or wait. */
  readonly requests: number;
  /** A number that grows with every request; undefined if it counts none. */
  readonly served: number | undefined;
}

export interface EndpointAnswer {
  readonly ok: boolean;
  /** Whether anything answered. Its machine is then alive, whatever the answer. */
  readonly answered: boolean;
  readonly tookMs: number;
  /** For people, without a full stop: `/health answers 503`. */
  readonly message: string;
}
