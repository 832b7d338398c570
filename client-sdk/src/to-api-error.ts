import { TRPCClientError } from '@trpc/client';
import { ERROR_CODES } from '@launchlog/shared/error-code';
import type { ErrorCode } from '@launchlog/shared/error-code';
import { LaunchlogApiError } from './launchlog-api-error.js';

/** Converts any error of the layers below into the SDK's one error class. */
export function toApiError(cause: unknown): LaunchlogApiError {
  if (cause instanceof LaunchlogApiError) return cause;
  if (cause instanceof Error && cause.cause instanceof LaunchlogApiError) return cause.cause;
  if (!(cause instanceof TRPCClientError)) return LaunchlogApiError.unreachable(textOf(cause), cause);
  return fromTrpcShape(cause) ?? fromResponse(cause) ?? LaunchlogApiError.unreachable(reasonOf(cause), cause);
}

/** An error of the router itself. */
function fromTrpcShape(cause: InstanceType<typeof TRPCClientError>): LaunchlogApiError | undefined {
  const data: unknown = cause.data;
  if (!isRecord(data) || !isErrorCode(data['code'])) return undefined;
  return new LaunchlogApiError(data['code'], cause.message, {
    status: numberOf(data['httpStatus']),
    retryable: typeof data['retryable'] === 'boolean' ? data['retryable'] : undefined,
    retryAfterSeconds: numberOf(data['retryAfter']),
    missingSecrets: namesOf(data['missingSecrets']),
    cause,
  });
}

/** An error response from in front of the router: the server's HTTP layer, or a proxy. */
function fromResponse(cause: InstanceType<typeof TRPCClientError>): LaunchlogApiError | undefined {
  const response: unknown = cause.meta?.['response'];
  const status = isRecord(response) ? numberOf(response['status']) : undefined;
  if (status === undefined) return undefined;
  const body: unknown = cause.meta?.['responseJSON'];
  const error = isRecord(body) ? body['error'] : undefined;
  if (isRecord(error) && isErrorCode(error['code'])) {
    return new LaunchlogApiError(error['code'], textOf(error), { status, cause });
  }
  return LaunchlogApiError.ofStranger(status, cause);
}

/** The innermost cause is the most specific: `fetch failed` is caused by `connect ECONNREFUSED 127.0.0.1:8080`. */
function reasonOf(cause: Error): string {
  let inner: unknown = cause;
  for (let depth = 0; depth < 5 && isRecord(inner) && inner['cause'] !== undefined; depth += 1) {
    inner = inner['cause'];
  }
  return textOf(inner) || cause.message;
}

function textOf(value: unknown): string {
  if (!isRecord(value)) return String(value);
  const { message, code } = value;
  if (typeof message === 'string' && message !== '') return message;
  return typeof code === 'string' ? code : '';
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function namesOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((name) => typeof name === 'string') : undefined;
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
