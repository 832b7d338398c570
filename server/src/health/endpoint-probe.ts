/**
 * Asks model servers whether they serve. A probe never rejects: no answer is an answer too. No connection stays open.
 */
export interface EndpointProbe {
  ask(question: EndpointQuestion, signal: AbortSignal): Promise<EndpointAnswer>;
}

export interface EndpointQuestion {
  /** Base URL of the model server. */
  readonly endpoint: string;
  /** `/v1/models` must name one of these. Undefined: only `/health` is asked. */
  readonly models: readonly string[] | undefined;
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
