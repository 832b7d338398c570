import type { ServerResponse } from 'node:http';
import { errorBody, LaunchlogError } from '@launchlog/shared/error-code';
import { expectedFailure } from '../edge/expected-failure.js';

interface ErrorAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** The failure is ours, not the caller's: it should be logged. */
  readonly unexpected: boolean;
}

/** The error response to a failure. It does not reveal the text of an unexpected one. */
export function answerError(failure: unknown, requestId: string): ErrorAnswer {
  const error =
    expectedFailure(failure) ??
    new LaunchlogError('internal', `internal error; request ${requestId}`, { cause: failure });
  return {
    status: error.status,
    headers: {
      'Content-Type': 'application/json',
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
