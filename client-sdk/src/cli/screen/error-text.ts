import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { fileFault } from './file-fault.js';
import { networkFault } from './network-fault.js';
import { neutralise } from './neutralise.js';

/** What to do about a name that no node has. */
export const ALL_NODES = "'launchlog list' shows all names";

/** One sentence for a person: what went wrong, and what to do about it. It holds no text of a library. */
export function errorText(error: unknown): string {
  return neutralise(error instanceof LaunchlogApiError ? apiErrorText(error) : otherText(error), false);
}

function apiErrorText(error: LaunchlogApiError): string {
  const { message, status, retryAfterSeconds, requestId } = error;
  if (error.code === 'invalid_request') return message.replaceAll(FIELD, flagOf);
  if (error.code === 'node_not_found') return `${message}; ${ALL_NODES}`;
  if (status === 404 && NO_PROCEDURE.test(message))
    return 'the server is of another release and has no such call: upgrade the older of the two';
  if (error.code === 'not_found') return `${message}${listOf(message)}`;
  if (error.unreachable) return `cannot reach the server: ${unreachableText(error)}`;
  if (status === 401) return `${message}: run 'launchlog login' or set LAUNCHLOG_TOKEN`;
  if (status === 403) return `${message}: 'launchlog whoami' shows what this token may do`;
  if (status === 413 && error.cause === undefined)
    return `${message}: send less, or raise MAX_BODY_BYTES there`;
  if (retryAfterSeconds !== undefined) return `${message}: try again in ${retryAfterSeconds} s`;
  if (status < 500 || requestId === undefined) return message;
  return `${message} (the server's log has more, under request ${requestId})`;
}

/** What an older server answers, in the words of its library. */
const NO_PROCEDURE = /^No (?:"?\w+"?-)?procedure found /i;

/** The command that shows what there is, for a thing that is not found. */
const LISTS: Readonly<Record<string, string>> = {
  stray: 'strays',
  'notification rule': 'notifications list',
  'notification delivery': 'notifications deliveries',
  budget: 'budgets',
  session: 'sessions list',
  token: 'tokens list',
};

function listOf(message: string): string {
  const subject = /^(.+?) not found: /.exec(message)?.[1] ?? '';
  const list = Object.hasOwn(LISTS, subject) ? LISTS[subject] : undefined;
  return list === undefined ? '' : `; 'launchlog ${list}' shows them all`;
}

/** What only the server can judge is named by its field, and a person typed a flag. */
const FIELD = /(?<=^|; )'(\w+)'(?= )/g;
const FLAGS: Readonly<Record<string, string>> = {
  regex: '--grep',
  cursor: '--cursor',
  deploymentId: '--deployment',
  tenantId: '--tenant',
};

function flagOf(field: string, name: string): string {
  return FLAGS[name] ?? field;
}

function unreachableText(error: LaunchlogApiError): string {
  const known = networkFault(error);
  if (known !== undefined) return known;
  if (isRefusedPort(error)) return 'no HTTP client connects to this port: check the address (--url)';
  if (error.cause instanceof SyntaxError) return 'its answer was cut off: try again';
  const late = /^no answer within (\d+) ms$/.exec(error.message)?.[1];
  if (late !== undefined)
    return `no answer within ${Number(late) / 1_000} s: check the address (--url) and firewalls between`;
  // The message of the SDK or of the proxy needs no explanation.
  return error.message;
}

/** The standard of `fetch` refuses the ports of some other protocols, and reports so in these words, without a code. */
function isRefusedPort(error: Error): boolean {
  const { cause } = error;
  return error.message === 'bad port' || (cause instanceof Error && isRefusedPort(cause));
}

function otherText(error: unknown): string {
  return fileFault(error) ?? networkFault(error) ?? (error instanceof Error ? error.message : String(error));
}
