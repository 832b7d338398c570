import { LaunchlogApiError } from '@launchlog/sdk';

/** As the server says which secrets a retry needs: they are not kept after a launch has ended. */
const NEEDED = /^secrets are not kept .*: launch again with ([A-Z0-9_, ]+)$/;

/** The names of the secrets that a retry was refused for; undefined for any other failure. */
export function missingSecrets(error: unknown): readonly string[] | undefined {
  if (!(error instanceof LaunchlogApiError) || error.code !== 'conflict') return undefined;
  return NEEDED.exec(error.message)?.[1]?.split(', ');
}
