import { LaunchlogApiError } from '@launchlog/sdk';

/** The names of the secrets whose absence made the server refuse a retry; undefined for any other failure. */
export function missingSecrets(error: unknown): readonly string[] | undefined {
  return error instanceof LaunchlogApiError ? error.missingSecrets : undefined;
}
