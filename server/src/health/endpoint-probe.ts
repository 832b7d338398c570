import type { ServingSign } from '../orchestrator/own-task/serving-sign.js';

/**
 * Asks model servers whether they serve. A probe never rejects: no answer is an answer too. No connection stays open.
 */
export interface EndpointProbe {
  ask(question: EndpointQuestion, signal: AbortSignal): Promise<EndpointAnswer>;
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

export interface EndpointAnswer {
  readonly ok: boolean;
  /** Whether anything answered. Its machine is then alive, whatever the answer. */
  readonly answered: boolean;
  readonly tookMs: number;
  /** For people, without a full stop: `/health answers 503`. */
  readonly message: string;
}
