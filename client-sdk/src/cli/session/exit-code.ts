import { LaunchlogApiError } from '../../error/launchlog-api-error.js';

/** Exit codes are documented in docs/cli.md: scripts depend on them. */
export const EXIT = {
  /** The launch is active, or the command succeeded. */
  ok: 0,
  /** The launch failed, or the server refused the request. */
  failed: 1,
  /** The command line, or a value in it, is invalid. */
  usage: 2,
  /** No server answers, or it denies access. */
  cannotConnect: 3,
  /** `wait --timeout` is over, as of timeout(1). */
  timedOut: 124,
  /** Ctrl-C. The launch continues. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (!(error instanceof LaunchlogApiError)) return EXIT.failed;
  if (error.unreachable || error.status === 401 || error.status === 403) return EXIT.cannotConnect;
  if (error.code === 'invalid_request') return EXIT.usage;
  return error.status >= 502 ? EXIT.cannotConnect : EXIT.failed;
}

/** The command line is invalid; the message names the part. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Ctrl-C was pressed, or the input ended, while a question was open. */
export class InterruptedError extends Error {
  constructor() {
    super('interrupted');
    this.name = 'InterruptedError';
  }
}
