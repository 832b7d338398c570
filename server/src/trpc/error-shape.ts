import type { TRPCError, TRPCErrorShape } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { ZodError } from 'zod';
import { ERROR_CODES, LaunchlogError } from '@launchlog/shared/error-code';
import type { ErrorCode, ErrorData } from '@launchlog/shared/error-code';
import { expectedFailure } from '../edge/expected-failure.js';
import { invalidInput } from '../edge/input-problem.js';
import { REFUSED_INPUT, REFUSED_INPUT_TEXT } from './input-transformer.js';

/** An error as the client gets it: never with a stack, and without the text of an unexpected one. */
type ErrorShape = TRPCErrorShape<ErrorData>;

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
      ...(error.missingSecrets === undefined ? {} : { missingSecrets: error.missingSecrets }),
      ...(error.issues === undefined ? {} : { issues: error.issues }),
    },
  };
}

/** The code `internal` marks an error that is worth logging. */
export function toLaunchlogError(error: TRPCError, input?: unknown): LaunchlogError {
  const { cause } = error;
  const expected = expectedFailure(cause);
  if (expected !== undefined) return expected;
  if (error.code === 'BAD_REQUEST' && cause instanceof ZodError) {
    if (input === REFUSED_INPUT) return new LaunchlogError('invalid_request', REFUSED_INPUT_TEXT);
    return invalidInput(cause, input);
  }
  const code = OWN_CODES[error.code] ?? 'internal';
  return new LaunchlogError(code, textOf(code, error), { cause: error });
}

/** The codes of tRPC's own errors; those of procedures are known already. Any other one is our fault. */
const OWN_CODES: Partial<Record<TRPCError['code'], ErrorCode>> = {
  PARSE_ERROR: 'invalid_json',
  BAD_REQUEST: 'invalid_request',
  NOT_FOUND: 'not_found',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
};

function textOf(code: ErrorCode, error: TRPCError): string {
  if (code === 'internal') return 'internal error';
  return code === 'invalid_json' ? 'the message is not valid JSON of a tRPC request' : error.message;
}
