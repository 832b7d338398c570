import { snakeCase } from './wire-case.js';

/**
 * The one table of errors: the status and the type of each code on both transports.
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
  budget_exceeded: { status: 409, trpc: 'CONFLICT', type: 'conflict_error', retryable: false },
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

/** One field of an input that cannot be used. */
export interface FieldIssue {
  /** Names and positions that lead to the field: `['secrets', 'HF_TOKEN']`. Empty for the input as a whole. */
  readonly path: readonly (string | number)[];
  /** What the value must be, as words that follow the field's name: "must be a whole number from 1 to 16". */
  readonly message: string;
}

export function isFieldIssue(value: unknown): value is FieldIssue {
  if (typeof value !== 'object' || value === null || !('path' in value) || !('message' in value))
    return false;
  return Array.isArray(value.path) && typeof value.message === 'string';
}

/** What tRPC's error shape carries as `data`. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly httpStatus: number;
  readonly retryable: boolean;
  /** The procedure. */
  readonly path?: string;
  /** Seconds to wait before a retry. */
  readonly retryAfter?: number;
  /** Names of the secrets that a retry of the call must provide. */
  readonly missingSecrets?: readonly string[];
  /** The fields of the input that cannot be used. */
  readonly issues?: readonly FieldIssue[];
}

interface LaunchlogErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number;
  readonly missingSecrets?: readonly string[];
  readonly issues?: readonly FieldIssue[];
}

/** An error whose text is meant for the caller. Details that are not for the caller go into `cause`. */
export class LaunchlogError extends Error {
  readonly code: ErrorCode;
  /** Seconds after which to retry, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** Names of the secrets that the same call must carry, where it was refused without them. */
  readonly missingSecrets: readonly string[] | undefined;
  /** The fields of the input that cannot be used. */
  readonly issues: readonly FieldIssue[] | undefined;

  constructor(code: ErrorCode, message: string, options: LaunchlogErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LaunchlogError';
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.missingSecrets = options.missingSecrets;
    this.issues = options.issues;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/** One field cannot be used. The message names it in camelCase, as tRPC does; REST spells it in snake_case. */
export class FieldError extends LaunchlogError {
  readonly field: string;
  /** What the value must be: "must be in the future". */
  readonly fault: string;

  constructor(field: string, fault: string, options: LaunchlogErrorOptions = {}) {
    super('invalid_request', `'${field}' ${fault}`, {
      issues: [{ path: [field], message: fault }],
      ...options,
    });
    this.field = field;
    this.fault = fault;
  }
}

export type Subject =
  | 'node'
  // As in "notification rule not found: ops".
  | 'notification rule'
  | 'notification delivery'
  | 'token'
  | 'session'
  | 'budget'
  | 'stray';

const SUBJECT_NAME_MAX_CHARACTERS = 128;

/**
 * Nothing has this name: `node not found: nope`. Clients of older servers look for the words before the colon. `name` is
 * what the caller asked for, never the id of what was found: a node out of reach must look like one that does not exist.
 */
export function notFound(subject: Subject, name: string): LaunchlogError {
  const code = subject === 'node' ? 'node_not_found' : 'not_found';
  return new LaunchlogError(code, `${subject} not found: ${printable(name, SUBJECT_NAME_MAX_CHARACTERS)}`);
}

/** A name that a caller chose may hold anything. Bounds it and replaces what is not printable ASCII. */
export function printable(name: string, maxCharacters: number): string {
  return name.slice(0, maxCharacters).replace(/[^\x20-\x7e]/g, '?');
}

/** Body of every REST error answer. */
interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code: ErrorCode;
    readonly missing_secrets?: readonly string[];
    readonly issues?: readonly FieldIssue[];
  };
}

export function errorBody(error: LaunchlogError): ErrorBody {
  const { code, missingSecrets, issues } = error;
  const message = error instanceof FieldError ? `'${snakeCase(error.field)}' ${error.fault}` : error.message;
  const { type } = ERROR_CODES[code];
  const spelled = issues?.map(({ path: [top, ...inner], message: fault }) => ({
    path: typeof top === 'string' ? [snakeCase(top), ...inner] : [],
    message: fault,
  }));
  return {
    error: {
      message,
      type,
      code,
      ...(missingSecrets && { missing_secrets: missingSecrets }),
      ...(spelled && { issues: spelled }),
    },
  };
}
