import { LaunchlogError } from '@launchlog/shared/error-code';
import { NodeStoreUnavailableError } from '../database/sql-database.js';
import { LogStoreUnavailableError } from '../log/log-store.js';

const RETRY_AFTER_SECONDS = 2;

/**
 * What a failure is to whoever asked, the same at every edge. A store that is away is nobody's fault and worth another
 * try. Undefined for what nobody expected.
 */
export function expectedFailure(failure: unknown): LaunchlogError | undefined {
  if (failure instanceof LaunchlogError) return failure;
  if (failure instanceof LogStoreUnavailableError)
    return away('the log store cannot be reached now', failure);
  if (failure instanceof NodeStoreUnavailableError)
    return away('the database cannot be reached now', failure);
  return undefined;
}

function away(message: string, cause: Error): LaunchlogError {
  return new LaunchlogError('unavailable', message, { cause, retryAfterSeconds: RETRY_AFTER_SECONDS });
}
