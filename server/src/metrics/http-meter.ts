/** One request as it went. */
export interface HttpAnswer {
  readonly method: string;
  /** The pattern of the route, never the path: `/admin/nodes/:id`. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  /** It was meant to last: its time says nothing of how fast the server is. */
  readonly stream: boolean;
}

/** For whoever measures requests. Must not throw or wait. */
export interface HttpMeter {
  answered(answer: HttpAnswer): void;
}
