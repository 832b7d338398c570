import type { ServerResponse } from 'node:http';
import { errorBody, LaunchlogError } from '@launchlog/shared/error-code';
import { LogStoreUnavailableError } from '../log/log-store.js';

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Worth a line in our own log: the caller could not have avoided it. */
  readonly unexpected: boolean;
}

const STORE_RETRY_SECONDS = 2;

/** What the caller is told of any failure. The text of an unexpected one stays with us. */
export function answerError(failure: unknown, requestId: string): ErrorAnswer {
  const error = toLaunchlogError(failure, requestId);
  return {
    status: error.status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) }),
      ...(error.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="launchlog"' } : {}),
    },
    body: JSON.stringify(errorBody(error)),
    unexpected: error.code === 'internal' || error.code === 'unavailable',
  };
}

export function sendError(response: ServerResponse, failure: unknown, requestId: string): ErrorAnswer {
  const answer = answerError(failure, requestId);
  if (response.headersSent) {
    response.destroy();
    return answer;
  }
  response.writeHead(answer.status, { ...answer.headers, 'Content-Length': Buffer.byteLength(answer.body) });
  response.end(answer.body);
  return answer;
}

function toLaunchlogError(failure: unknown, requestId: string): LaunchlogError {
  if (failure instanceof LaunchlogError) return failure;
  if (failure instanceof LogStoreUnavailableError) {
    return new LaunchlogError('unavailable', 'the log store cannot be reached: try again', {
      cause: failure,
      retryAfterSeconds: STORE_RETRY_SECONDS,
    });
  }
  return new LaunchlogError('internal', `internal error; request ${requestId}`, { cause: failure });
}
