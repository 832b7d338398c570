import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { cutUnredacted } from '../../redaction/cut-mark.js';

/**
 * `unreachable`: nothing is known, ask again. `busy`: ask again later. `not_found`: the server does not know the id.
 * `credentials`, `version`, `refused`: asking again changes nothing. `protocol`: it is not a SkyPilot API server, or
 * not one that is known here. `closed`: we are shutting down.
 */
export type SkypilotApiErrorKind =
  'unreachable' | 'busy' | 'not_found' | 'credentials' | 'version' | 'refused' | 'protocol' | 'closed';

export class SkypilotApiError extends Error {
  readonly kind: SkypilotApiErrorKind;

  constructor(kind: SkypilotApiErrorKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SkypilotApiError';
    this.kind = kind;
  }

  /** The same call may succeed later. */
  get passing(): boolean {
    return this.kind === 'unreachable' || this.kind === 'busy';
  }

  static ofAnswer(call: string, status: number, body: unknown): SkypilotApiError {
    const text = textOf(body);
    const said = text === undefined ? '' : `: ${text}`;
    return new SkypilotApiError(kindOf(status, body), `SkyPilot answered ${call} with ${status}${said}`);
  }
}

const errorBodySchema = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  detail: z.unknown().optional(),
});

function kindOf(status: number, body: unknown): SkypilotApiErrorKind {
  if (status === 401 || status === 403) return 'credentials';
  // A sign-in page in front of the server.
  if (status >= 300 && status < 400) return 'credentials';
  if (status === 404) return 'not_found';
  if (status === 400 && errorBodySchema.safeParse(body).data?.error === 'version_mismatch') return 'version';
  // Under load the server answers 500 too: its database is locked, its workers are away.
  if (status === 408 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

/** Never the whole body: a 422 carries what was sent, and with it secrets. */
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
