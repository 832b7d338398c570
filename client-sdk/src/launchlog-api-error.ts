import type { ErrorCode } from '@launchlog/shared/error-code';
import { ERROR_CODES } from '@launchlog/shared/error-code';

export interface LaunchlogApiErrorOptions {
  readonly status?: number | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** Every failure of the SDK: what the server answered, or that it could not be reached. */
export class LaunchlogApiError extends Error {
  readonly code: ErrorCode;
  /** HTTP status; 0 where no server answered. */
  readonly status: number;
  /** The same call may succeed later without being changed. */
  readonly retryable: boolean;
  /** Seconds after which a retry is welcome, where the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: LaunchlogApiErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LaunchlogApiError';
    this.code = code;
    this.status = options.status ?? ERROR_CODES[code].status;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** No server answered: wrong address, nothing listening there, or the network is away. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  static unreachable(message: string, cause?: unknown): LaunchlogApiError {
    return new LaunchlogApiError('unavailable', message, { status: 0, retryable: true, cause });
  }
}
