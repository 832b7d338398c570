/** How to reach the server. */
export interface LaunchlogClientOptions {
  /** Address of the server, with a path where it is served under one: `https://launchlog.example.com`. */
  readonly url: string;
  /** The admin token. Leave it out in a page that has signed in: its cookie serves there. */
  readonly token?: string | undefined;
  /** Longest wait for the answer to one call, milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a followed log goes on trying while the server is away, milliseconds. Default 1,800,000 (30 minutes). */
  readonly giveUpAfterMs?: number | undefined;
  /** Stands in for the platform's own, for tests and unusual platforms. */
  readonly WebSocket?: typeof WebSocket | undefined;
  readonly fetch?: typeof fetch | undefined;
}
