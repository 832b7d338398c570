import { TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { ZodError } from 'zod';
import { ERROR_CODES, LaunchlogError } from '@launchlog/shared/error-code';
import type { ErrorCode } from '@launchlog/shared/error-code';
import { describeProblems } from '../input-problem.js';
import { ExoticInputError } from './input-transformer.js';

/** What a client gets of an error: never a stack, and of an unexpected one not even its text. */
export interface ErrorShape {
  readonly code: number;
  readonly message: string;
  readonly data: {
    readonly code: ErrorCode;
    readonly httpStatus: number;
    readonly retryable: boolean;
    readonly path?: string;
    /** Seconds after which a retry is welcome. */
    readonly retryAfter?: number;
  };
}

export function errorShape(failure: {
  readonly error: TRPCError;
  readonly path?: string | undefined;
  readonly input?: unknown;
}): ErrorShape {
  const error = toLaunchlogError(failure.error, failure.input);
  const row = ERROR_CODES[error.code];
  return {
    code: TRPC_ERROR_CODES_BY_KEY[row.trpc],
    message: error.message,
    data: {
      code: error.code,
      httpStatus: row.status,
      retryable: row.retryable,
      ...(failure.path === undefined ? {} : { path: failure.path }),
      ...(error.retryAfterSeconds === undefined ? {} : { retryAfter: error.retryAfterSeconds }),
    },
  };
}

/** Also tells apart what is worth a line in our own log: `internal` is. */
export function toLaunchlogError(error: TRPCError, input?: unknown): LaunchlogError {
  const { cause } = error;
  if (cause instanceof LaunchlogError) return cause;
  if (error.code === 'BAD_REQUEST' && cause instanceof ZodError) {
    return new LaunchlogError('invalid_request', describeProblems(cause, input));
  }
  if (cause instanceof ExoticInputError) return new LaunchlogError('invalid_request', cause.message);
  return new LaunchlogError(codeOf(error), textOf(error), { cause: error });
}

/** The codes tRPC itself throws with; the procedures throw LaunchlogError. */
function codeOf(error: TRPCError): ErrorCode {
  switch (error.code) {
    case 'PARSE_ERROR':
      return 'invalid_json';
    case 'BAD_REQUEST':
      return 'invalid_request';
    case 'NOT_FOUND':
      return 'not_found';
    case 'METHOD_NOT_SUPPORTED':
      return 'method_not_allowed';
    case 'PAYLOAD_TOO_LARGE':
      return 'payload_too_large';
    case 'UNSUPPORTED_MEDIA_TYPE':
      return 'unsupported_media_type';
    default:
      return 'internal';
  }
}

function textOf(error: TRPCError): string {
  switch (codeOf(error)) {
    case 'internal':
      return 'internal error';
    case 'invalid_json':
      return 'the message is not valid JSON of a tRPC request';
    default:
      return error.message;
  }
}
