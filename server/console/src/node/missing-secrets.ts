import { LaunchlogApiError } from '@launchlog/sdk';

/** The names of the secrets that a retry was refused for; undefined for any other failure. */
export function missingSecrets(error: unknown): readonly string[] | undefined {
  return error instanceof LaunchlogApiError ? error.missingSecrets : undefined;
}
