import { ERROR_CODES } from '@launchlog/shared/error-code';
import type { ErrorCode, FieldIssue } from '@launchlog/shared/error-code';

/**
 * What a program would do about an error:
 *
 * - `authentication`: get another token. `permission`: ask somebody who may
 * - `invalid_request`: change the call; `issues` name its fields. `not_found`, `conflict`: look at the present state
 * - `rate_limit`: wait for `retryAfterSeconds`. `server`: the server failed; report its `requestId`
 * - `connection`: no server answered. `timeout`: none answered in time. `closed`: the client was closed
 */
export type LaunchlogErrorKind =
  | 'authentication'
  | 'permission'
  | 'invalid_request'
  | 'not_found'
  | 'conflict'
  | 'rate_limit'
  | 'server'
  | 'connection'
  | 'timeout'
  | 'closed';

export interface LaunchlogApiErrorOptions {
  /** HTTP status. Default: that of the code. Example: `404`. */
  readonly status?: number | undefined;
  /** Whether the same call may succeed later. Default: that of the code. */
  readonly retryable?: boolean | undefined;
  /** Seconds to wait before a retry. Example: `5`. */
  readonly retryAfterSeconds?: number | undefined;
  /** Names of secrets. Example: `["HF_TOKEN"]`. */
  readonly missingSecrets?: readonly string[] | undefined;
  /** The fields that cannot be used. */
  readonly issues?: readonly FieldIssue[] | undefined;
  /** As in the header `X-Request-Id`. Example: `9f86d081884c7d65`. */
  readonly requestId?: string | undefined;
  /** Default: that of the code. */
  readonly kind?: LaunchlogErrorKind | undefined;
  /** What was caught. */
  readonly cause?: unknown;
}

/** Marks the errors of every copy of this package: a program may hold one as an ES module and one as CommonJS. */
const BRAND = Symbol.for('@launchlog/sdk/error');

/** An error response of the server, or a server that could not be reached. Its subclasses are its kinds. */
export class LaunchlogApiError extends Error {
  /** The server's word for what went wrong. A newer server may use words that this version does not know. */
  readonly code: ErrorCode | (string & {});
  /** What a program would do about it. */
  readonly kind: LaunchlogErrorKind;
  /** HTTP status; 0 if no server answered. */
  readonly status: number;
  /** The same call may succeed later. */
  readonly retryable: boolean;
  /** Seconds to wait before a retry, if the server asks for it. Example: `5`. */
  readonly retryAfterSeconds: number | undefined;
  /** Names of the secrets without which a retry is refused: they are not kept after a launch has ended. Example: `['HF_TOKEN']`. */
  readonly missingSecrets: readonly string[] | undefined;
  /** The fields of the input that cannot be used, each with its path and what it must be; empty for other errors. */
  readonly issues: readonly FieldIssue[];
  /** Names the request in the server's own log, where a server answered. Example: `9f86d081884c7d65`. */
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, options: LaunchlogApiErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    const row = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code] : undefined;
    this.name = 'LaunchlogApiError';
    this.code = code;
    this.status = options.status ?? row?.status ?? 0;
    this.kind = options.kind ?? kindOf(this.status);
    this.retryable = options.retryable ?? row?.retryable ?? this.status >= 502;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.missingSecrets = options.missingSecrets;
    this.issues = options.issues ?? [];
    this.requestId = options.requestId;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** No server answered: the address is wrong, nothing listens there, or the network is down. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** The response came from something else than a Launchlog server, such as a proxy in front of it. */
  static ofStranger(
    status: number,
    cause?: unknown,
    facts: Pick<LaunchlogApiErrorOptions, 'requestId' | 'retryAfterSeconds'> = {},
  ): LaunchlogApiError {
    const remedy = status < 400 ? 'check the address' : 'check the address, or the gateway in front of it';
    const message = `the address answers with HTTP ${status}, but not as a Launchlog server does: ${remedy}`;
    return strangerError(message, { ...facts, status, cause });
  }

  /** The error of a call that no server answered. */
  static unreachable(message: string, cause?: unknown): LaunchlogApiError {
    return new LaunchlogConnectionError('unavailable', message, { status: 0, retryable: true, cause });
  }
}

/** The token is missing, wrong, expired or revoked. */
export class LaunchlogAuthenticationError extends LaunchlogApiError {}
/** The token's scopes or bounds do not allow the call. */
export class LaunchlogPermissionError extends LaunchlogApiError {}
/** The call cannot be used as it is. `issues` name the fields. */
export class LaunchlogInvalidRequestError extends LaunchlogApiError {}
export class LaunchlogNotFoundError extends LaunchlogApiError {}
/** The call does not fit the present state, or its idempotency key was used for another one. */
export class LaunchlogConflictError extends LaunchlogApiError {}
/** Too many calls; `retryAfterSeconds` is when to call again. */
export class LaunchlogRateLimitError extends LaunchlogApiError {}
/** The server failed, or is not ready. */
export class LaunchlogServerError extends LaunchlogApiError {}
/** No server answered: the address is wrong, nothing listens there, or the network is down. */
export class LaunchlogConnectionError extends LaunchlogApiError {}
/** No server answered within the time limit of the call. */
export class LaunchlogTimeoutError extends LaunchlogConnectionError {}
/** The client was closed before the call, or while it ran. */
export class LaunchlogClosedError extends LaunchlogApiError {}

const CLASSES: Readonly<Record<LaunchlogErrorKind, typeof LaunchlogApiError>> = {
  authentication: LaunchlogAuthenticationError,
  permission: LaunchlogPermissionError,
  invalid_request: LaunchlogInvalidRequestError,
  not_found: LaunchlogNotFoundError,
  conflict: LaunchlogConflictError,
  rate_limit: LaunchlogRateLimitError,
  server: LaunchlogServerError,
  connection: LaunchlogConnectionError,
  timeout: LaunchlogTimeoutError,
  closed: LaunchlogClosedError,
};

/** An error of the class of its kind. An unknown code keeps its message and its status. */
export function apiError(
  code: string,
  message: string,
  options: LaunchlogApiErrorOptions = {},
): LaunchlogApiError {
  const known = code as ErrorCode;
  const status = options.status ?? (Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[known].status : 0);
  return new CLASSES[options.kind ?? kindOf(status)](known, message, options);
}

/** Errors of answers that no Launchlog server gave. */
const strangers = new WeakSet<LaunchlogApiError>();

export function strangerError(
  message: string,
  options: LaunchlogApiErrorOptions & Required<Pick<LaunchlogApiErrorOptions, 'status'>>,
): LaunchlogApiError {
  const { status = 0 } = options;
  const error = apiError(codeOfStatus(status), message, {
    ...options,
    retryable: status >= 502 && status <= 504,
  });
  strangers.add(error);
  return error;
}

/** Whether something else than a Launchlog server answered. */
export function isOfStranger(error: LaunchlogApiError): boolean {
  return strangers.has(error);
}

export function closedError(): LaunchlogApiError {
  return apiError('invalid_request', 'the client was closed', { kind: 'closed' });
}

/** Recognises the errors of the SDK, also those of another copy of it, where `instanceof` does not. */
export function isLaunchlogError(error: unknown): error is LaunchlogApiError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

function kindOf(status: number): LaunchlogErrorKind {
  if (status === 0) return 'connection';
  if (status === 401) return 'authentication';
  if (status === 403) return 'permission';
  if (status === 404 || status === 410) return 'not_found';
  if (status === 409 || status === 422) return 'conflict';
  if (status === 429) return 'rate_limit';
  return status >= 500 ? 'server' : 'invalid_request';
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 404) return 'not_found';
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const fallback = status >= 500 ? 'unavailable' : 'invalid_request';
  return codes.find((code) => ERROR_CODES[code].status === status) ?? fallback;
}
