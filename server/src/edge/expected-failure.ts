import { LaunchlogError } from '@launchlog/shared/error-code';
import { NodeStoreUnavailableError } from '../database/sql-database.js';
import { LogStoreUnavailableError } from '../log/log-store.js';

const RETRY_AFTER_SECONDS = 2;

/**
 * Maps a failure to the error that the caller gets, the same at every edge. An unreachable store is retryable. Undefined
 * for an unexpected failure.
 */
export function expectedFailure(failure: unknown): LaunchlogError | undefined {
  if (failure instanceof LaunchlogError) return failure;
  if (failure instanceof LogStoreUnavailableError)
    return unreachable('the log store cannot be reached now', failure);
  if (failure instanceof NodeStoreUnavailableError)
    return unreachable('the database cannot be reached now', failure);
  return undefined;
}

function unreachable(message: string, cause: Error): LaunchlogError {
  return new LaunchlogError('unavailable', message, { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
