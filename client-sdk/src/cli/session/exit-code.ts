import { LaunchlogApiError } from '../../launchlog-api-error.js';

/** What a script can rely on. */
export const EXIT = {
  /** The launch is active, or the command did what it says. */
  ok: 0,
  /** The launch failed, or the server would not do what was asked. */
  failed: 1,
  /** The command line, or a value in it, makes no sense. */
  usage: 2,
  /** No server answers there, or it does not let us in. */
  cannotConnect: 3,
  /** Ctrl-C. The launch goes on. */
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

/** The command line makes no sense; the message says which part. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Somebody pressed Ctrl-C, or the input ended, while a question was open. */
export class InterruptedError extends Error {
  constructor() {
    super('interrupted');
    this.name = 'InterruptedError';
  }
}
