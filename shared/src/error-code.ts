/**
 * The one table of errors: what a client is told, and on each transport how.
 * `retryable` means that the same call may succeed later without being changed.
 */
export const ERROR_CODES = {
  missing_admin_token: { status: 401, trpc: 'UNAUTHORIZED', type: 'authentication_error', retryable: false },
  invalid_admin_token: { status: 401, trpc: 'UNAUTHORIZED', type: 'authentication_error', retryable: false },
  invalid_ticket: { status: 401, trpc: 'UNAUTHORIZED', type: 'authentication_error', retryable: false },
  forbidden: { status: 403, trpc: 'FORBIDDEN', type: 'permission_error', retryable: false },
  invalid_origin: { status: 403, trpc: 'FORBIDDEN', type: 'permission_error', retryable: false },
  invalid_request: { status: 400, trpc: 'BAD_REQUEST', type: 'invalid_request_error', retryable: false },
  invalid_json: { status: 400, trpc: 'PARSE_ERROR', type: 'invalid_request_error', retryable: false },
  node_not_found: { status: 404, trpc: 'NOT_FOUND', type: 'not_found_error', retryable: false },
  not_found: { status: 404, trpc: 'NOT_FOUND', type: 'not_found_error', retryable: false },
  method_not_allowed: {
    status: 405,
    trpc: 'METHOD_NOT_SUPPORTED',
    type: 'invalid_request_error',
    retryable: false,
  },
  not_acceptable: { status: 406, trpc: 'BAD_REQUEST', type: 'invalid_request_error', retryable: false },
  conflict: { status: 409, trpc: 'CONFLICT', type: 'conflict_error', retryable: false },
  idempotency_mismatch: {
    status: 422,
    trpc: 'UNPROCESSABLE_CONTENT',
    type: 'conflict_error',
    retryable: false,
  },
  payload_too_large: {
    status: 413,
    trpc: 'PAYLOAD_TOO_LARGE',
    type: 'invalid_request_error',
    retryable: false,
  },
  unsupported_media_type: {
    status: 415,
    trpc: 'UNSUPPORTED_MEDIA_TYPE',
    type: 'invalid_request_error',
    retryable: false,
  },
  rate_limited: { status: 429, trpc: 'TOO_MANY_REQUESTS', type: 'rate_limit_error', retryable: true },
  unavailable: { status: 503, trpc: 'SERVICE_UNAVAILABLE', type: 'server_error', retryable: true },
  internal: { status: 500, trpc: 'INTERNAL_SERVER_ERROR', type: 'server_error', retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface LaunchlogErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  readonly missingSecrets?: readonly string[];
}

/** An error whose text is meant for the caller. What is not for the caller goes into `cause`. */
export class LaunchlogError extends Error {
  readonly code: ErrorCode;
  /** Seconds after which a retry is welcome, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** Names of the secrets that the same call needs, where it was refused for want of them. */
  readonly missingSecrets: readonly string[] | undefined;

  constructor(code: ErrorCode, message: string, options: LaunchlogErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LaunchlogError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.missingSecrets = options.missingSecrets;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** Body of every REST error answer. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: ErrorCode;
    readonly missing_secrets?: readonly string[];
  };
}

export function errorBody(error: LaunchlogError): ErrorBody {
  const { message, code, missingSecrets } = error;
  const { type } = ERROR_CODES[code];
  return { error: { message, type, code, ...(missingSecrets && { missing_secrets: missingSecrets }) } };
}
