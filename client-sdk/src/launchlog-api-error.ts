import type { ErrorCode } from '@launchlog/shared/error-code';
import { ERROR_CODES } from '@launchlog/shared/error-code';

export interface LaunchlogApiErrorOptions {
  readonly status?: number | undefined;
  readonly retryable?: boolean | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly missingSecrets?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** The one error of the SDK: an error response of the server, or a server that could not be reached. */
export class LaunchlogApiError extends Error {
  readonly code: ErrorCode;
  /** HTTP status; 0 if no server answered. */
  readonly status: number;
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** Seconds to wait before a retry, if the server asks for it. */
  readonly retryAfterSeconds: number | undefined;
  /** Names of the secrets without which a retry is refused: they are not kept after a launch has ended. */
  readonly missingSecrets: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, options: LaunchlogApiErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LaunchlogApiError';
    this.code = code;
    this.status = options.status ?? ERROR_CODES[code].status;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.missingSecrets = options.missingSecrets;
  }

  /** No server answered: the address is wrong, nothing listens there, or the network is down. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** The response came from something else than a Launchlog server, such as a proxy in front of it. */
  static ofStranger(status: number, cause?: unknown): LaunchlogApiError {
    const message = `the address answers with HTTP ${status}, but not as a Launchlog server does`;
    const retryable = status >= 502 && status <= 504;
    return new LaunchlogApiError(codeOfStatus(status), message, { status, retryable, cause });
  }

  static unreachable(message: string, cause?: unknown): LaunchlogApiError {
    return new LaunchlogApiError('unavailable', message, { status: 0, retryable: true, cause });
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'not_found';
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const fallback = status >= 500 ? 'unavailable' : 'invalid_request';
  return codes.find((code) => ERROR_CODES[code].status === status) ?? fallback;
}
