import { LaunchlogApiError } from '@launchlog/sdk';

/** Describes an error to the reader: in the server's words if it answered, and never in the browser's if it did not. */
export function problemText(error: unknown): string {
  if (error instanceof LaunchlogApiError && error.unreachable) return 'the server cannot be reached';
  return error instanceof Error ? error.message : String(error);
}
