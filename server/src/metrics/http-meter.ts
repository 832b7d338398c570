/** One request that has ended. */
export interface HttpAnswer {
  readonly method: string;
  /** The pattern of the route, never the path: `/admin/nodes/:id`. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  /** A stream is meant to last: its duration does not measure the server's speed. */
  readonly stream: boolean;
}

/** Measures requests. Must not throw or wait. */
export interface HttpMeter {
  answered(answer: HttpAnswer): void;
}
