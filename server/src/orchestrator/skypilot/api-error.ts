import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { plainText } from '../output/terminal-text.js';
import { cutUnredacted } from '../../redaction/cut-mark.js';
import type { SkypilotErrorKind } from './error.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import { expectNewEnough } from '../version/needed-version.js';
import type { SkypilotOutcome } from './request-record.js';

/** The error for an HTTP answer other than the expected one. */
export function errorOfAnswer(call: string, status: number, body: unknown): SkypilotError {
  const text = isRedirect(status) ? 'a sign-in page is in front of it; give it a token' : textOf(body);
  const explanation = text === undefined ? '' : `: ${text}`;
  return new SkypilotError(kindOf(status, body), `SkyPilot answered ${call} with ${status}${explanation}`);
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

const errorBodySchema = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  detail: z.unknown().optional(),
});

function kindOf(status: number, body: unknown): SkypilotErrorKind {
  if (status === 401 || status === 403) return 'credentials';
  // A sign-in page in front of the server.
  if (isRedirect(status)) return 'credentials';
  if (status === 404) return 'not_found';
  if (status === 400 && errorBodySchema.safeParse(body).data?.error === 'version_mismatch') return 'version';
  // An overloaded server answers 500 too: its database is locked or its workers are gone.
  if (status === 408 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

/** Never the entire body: a 422 echoes the request, secrets included. */
function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return oneLine(body);
  const parsed = errorBodySchema.safeParse(body).data;
  if (parsed?.message !== undefined) return oneLine(parsed.message);
  if (typeof parsed?.detail === 'string') return oneLine(parsed.detail);
  const problems = z
    .array(z.object({ msg: z.string(), loc: z.array(z.unknown()) }))
    .safeParse(parsed?.detail);
  return problems.data?.map((problem) => `${problem.loc.join('.')}: ${problem.msg}`).join('; ');
}

const TEXT_MAX_CHARACTERS = 300;

function oneLine(text: string): string {
  const line = stripVTControlCharacters(text).replace(/\s+/g, ' ').trim();
  return cutUnredacted(line, TEXT_MAX_CHARACTERS);
}

export interface SkypilotServerHealth {
  readonly version: string;
  readonly apiVersion: number | undefined;
}

export const healthSchema = z.object({
  status: z.string(),
  version: z.string().optional(),
  api_version: z.coerce.number().optional().catch(undefined),
});

/** Throws when the server speaks another version or does not accept the token. `header` is the version in its headers. */
export function healthOf(
  body: z.output<typeof healthSchema>,
  header: number | undefined,
  address: string,
): SkypilotServerHealth {
  if (body.status === 'needs_auth') {
    throw new SkypilotError('credentials', `the SkyPilot API server at ${address} requires a sign-in`);
  }
  if (body.status === 'version_mismatch') {
    throw new SkypilotError(
      'version',
      `SkyPilot ${body.version ?? ''} does not speak Launchlog's version of the protocol`,
    );
  }
  if (body.status !== 'healthy') {
    throw new SkypilotError('busy', `the SkyPilot API server at ${address} reports status ${body.status}`);
  }
  const { version = 'unknown' } = body;
  const apiVersion = header ?? body.api_version;
  expectNewEnough({ version, apiVersion });
  return { version, apiVersion };
}

/** Exceptions of SkyPilot that the same call would raise again. */
const DEFINITIVE: ReadonlySet<string> = new Set([
  'ClusterDoesNotExist',
  'ClusterNotUpError',
  'ClusterOwnerIdentityMismatchError',
  'CloudUserIdentityError',
  'NotSupportedError',
  'PermissionDeniedError',
  'ValueError',
]);

/** The value of a request of SkyPilot. Throws the reason if there is none. */
export function valueOf<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  outcome: SkypilotOutcome,
): z.output<Schema> {
  if (outcome.kind === 'cancelled')
    throw new SkypilotRequestError({ type: 'RequestCancelled', message: `${path} was cancelled` });
  if (outcome.kind === 'failed') {
    const { type, message } = outcome.error;
    if (DEFINITIVE.has(type)) throw new SkypilotRequestError(outcome.error);
    // Temporary faults, such as a machine that did not answer ssh in time, or a locked database: they must not end a launch.
    throw new SkypilotError('busy', `SkyPilot could not answer ${path}: ${type}: ${plainText(message)}`);
  }
  const parsed = schema.safeParse(outcome.value);
  if (parsed.success) return parsed.data;
  throw new SkypilotError('protocol', `SkyPilot's answer to ${path} has an unknown format`, {
    cause: parsed.error,
  });
}
