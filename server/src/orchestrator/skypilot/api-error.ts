import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { cutUnredacted } from '../../redaction/cut-mark.js';
import type { SkypilotErrorKind } from './error.js';
import { SkypilotError } from './error.js';

/** The error for an HTTP answer that is not the one we asked for. */
export function errorOfAnswer(call: string, status: number, body: unknown): SkypilotError {
  const text = textOf(body);
  const explanation = text === undefined ? '' : `: ${text}`;
  return new SkypilotError(kindOf(status, body), `SkyPilot answered ${call} with ${status}${explanation}`);
}

const errorBodySchema = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  detail: z.unknown().optional(),
});

function kindOf(status: number, body: unknown): SkypilotErrorKind {
  if (status === 401 || status === 403) return 'credentials';
  // A sign-in page in front of the server.
  if (status >= 300 && status < 400) return 'credentials';
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
