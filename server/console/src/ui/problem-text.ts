import { LaunchlogApiError } from '@launchlog/sdk';

/** What went wrong, for people: the server's own words, and not the browser's where no server answered. */
export function problemText(error: unknown): string {
  if (error instanceof LaunchlogApiError && error.unreachable) return 'the server cannot be reached';
  return error instanceof Error ? error.message : String(error);
}
