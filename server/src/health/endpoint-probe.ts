import type { ServingSign } from '../orchestrator/own-task/serving-sign.js';

/**
 * Asks model servers whether they serve. A probe never rejects: no answer is an answer too. No connection stays open.
 */
export interface EndpointProbe {
  ask(question: EndpointQuestion, signal: AbortSignal): Promise<EndpointAnswer>;

  /** What the model server has to do; undefined where it does not say that as vLLM does. Never rejects. */
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
  /** What callers must send; undefined if they need nothing, or if it is not known. */
  readonly key?: string | undefined;
  readonly timeoutMs: number;
}

export interface EndpointUsage {
  /** Requests that it works on, or that wait. */
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
