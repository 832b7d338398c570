import { apiError, LaunchlogApiError, strangerError } from './launchlog-api-error.js';
import { isFieldIssue } from '@launchlog/shared/error-code';

/** How an answer arrived that is no success. */
interface AnswerFacts {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  /** Seconds, from the header `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** Converts any error of the layers below into an error of the SDK. An error that the server did not send counts as unreachable. */
export function toApiError(cause: unknown): LaunchlogApiError {
  if (cause instanceof LaunchlogApiError) return cause;
  if (cause instanceof Error && cause.cause instanceof LaunchlogApiError) return cause.cause;
  const shape = isRecord(cause) ? cause['shape'] : undefined;
  return errorOfShape(shape, { cause }) ?? LaunchlogApiError.unreachable(reasonOf(cause), cause);
}

/** An error of the router: `{ message, data: { code, httpStatus, … } }`. Undefined for anything else. */
export function errorOfShape(shape: unknown, facts: AnswerFacts): LaunchlogApiError | undefined {
  if (!isRecord(shape) || !isRecord(shape['data'])) return undefined;
  const { data } = shape;
  if (typeof data['code'] !== 'string') return undefined;
  return apiError(data['code'], textOf(shape), {
    ...facts,
    status: numberOf(data['httpStatus']) ?? facts.status,
    retryable: typeof data['retryable'] === 'boolean' ? data['retryable'] : undefined,
    retryAfterSeconds: numberOf(data['retryAfter']) ?? facts.retryAfterSeconds,
    missingSecrets: namesOf(data['missingSecrets']),
    issues: issuesOf(data['issues']),
  });
}

/** The body of a REST answer: `{ error: { message, type, code } }`. Undefined for anything else. */
export function errorOfBody(body: unknown, facts: AnswerFacts): LaunchlogApiError | undefined {
  const error = isRecord(body) ? body['error'] : undefined;
  if (!isRecord(error) || typeof error['code'] !== 'string' || typeof error['message'] !== 'string') {
    return undefined;
  }
  return apiError(error['code'], error['message'], {
    ...facts,
    missingSecrets: namesOf(error['missing_secrets']),
    issues: issuesOf(error['issues']),
  });
}

/**
 * The error of a redirection, which is never followed: a launch would become a question, and the token would go where nobody
 * sent it. Undefined for any other answer. A browser does not reveal where it leads.
 */
export function redirectionOf({ type, status, headers }: Response): LaunchlogApiError | undefined {
  const location = headers.get('location');
  if (type !== 'opaqueredirect' && (status < 300 || status > 399 || location === null)) return undefined;
  const target = location === null ? 'elsewhere' : `to ${location}`;
  const remedy = 'pass the address of the server itself as url; if that is a sign-in page, sign in there';
  return strangerError(`the address redirects ${target}: ${remedy}`, { status });
}

/** The innermost cause is the most specific: `fetch failed` is caused by `connect ECONNREFUSED 127.0.0.1:8080`. */
function reasonOf(cause: unknown): string {
  let inner: unknown = cause;
  for (let depth = 0; depth < 5 && isRecord(inner) && inner['cause'] !== undefined; depth += 1) {
    inner = inner['cause'];
  }
  return textOf(inner) || textOf(cause) || 'no server answered';
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

function issuesOf(value: unknown) {
  return Array.isArray(value) ? value.filter(isFieldIssue) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
