import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { neutralise } from './neutralise.js';

/** One sentence for a person: what went wrong, and what to do about it where that is known. */
export function errorText(error: unknown): string {
  const message = neutralise(error instanceof Error ? error.message : String(error), false);
  if (!(error instanceof LaunchlogApiError)) return message;
  // Only the server parses expressions, and it names its own field.
  if (message.startsWith("'regex' ")) return message.replace("'regex'", '--grep');
  if (error.unreachable) return `cannot reach the server: ${message}`;
  return error.status === 401 ? `${message}: run 'launchlog login' or set LAUNCHLOG_TOKEN` : message;
}
