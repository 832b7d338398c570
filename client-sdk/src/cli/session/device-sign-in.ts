import { z } from 'zod';
import { LaunchlogApiError } from '../../error/launchlog-api-error.js';
import { toApiError } from '../../error/to-api-error.js';
import { sleep } from '../../sleep.js';
import type { CliSession } from './cli-session.js';
import { UsageError } from './exit-code.js';
import { throughProxy } from './proxied-connection.js';

const begunSchema = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string().optional(),
  expires_in: z.number(),
  interval: z.number(),
});
const answerSchema = z.union([
  z.object({ token: z.string(), name: z.string(), ends_at: z.string() }),
  z.object({ status: z.string() }),
]);
const errorSchema = z.object({ error: z.object({ message: z.string() }) });

/** The person's own token, which ends with their session. */
interface SignedIn {
  readonly token: string;
  readonly name: string;
  /** RFC 3339 */
  readonly endsAt: string;
}

/** What the interval grows by when the identity provider asks for patience, milliseconds. */
const SLOWER_MS = 5_000;

/** Shows a code that the person confirms in any browser, and waits for that. Throws a UsageError where it is refused. */
export async function signInByDevice(session: CliSession, url: string): Promise<SignedIn> {
  const { interrupted } = session.process;
  const post = poster(session, url);
  const begun = understood(begunSchema, await post('/session/device', {}), url);
  const { verification_uri: page, verification_uri_complete: shortcut, user_code: code } = begun;
  const request = printed(`Open ${shortcut ?? page} in a browser, and confirm the code ${code}`);
  session.process.stderr.write(`${request}\n`);
  const endMs = performance.now() + begun.expires_in * 1_000;
  for (let waitMs = begun.interval * 1_000; performance.now() < endMs;) {
    await sleep(waitMs, interrupted);
    if (interrupted.aborted) throw new UsageError('interrupted: nobody was signed in');
    const polled = await post('/session/device/token', { device_code: begun.device_code });
    const answer = understood(answerSchema, polled, url);
    if ('token' in answer) return { token: answer.token, name: answer.name, endsAt: answer.ends_at };
    if (answer.status === 'slow_down') waitMs += SLOWER_MS;
  }
  throw new UsageError('the code was not confirmed in time: begin again');
}

/** Throws where another program than Launchlog answered. */
function understood<Answer>(schema: z.ZodType<Answer>, answer: unknown, url: string): Answer {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${url} does not answer as a Launchlog server does: check the address`);
}

/** The identity provider wrote it. */
function printed(text: string): string {
  return text.replace(/\p{C}/gu, '');
}

function poster({ process }: CliSession, url: string) {
  const { fetch: send = fetch } = throughProxy(url, process.environment);
  const base = url.replace(/\/+$/, '');
  return async (path: string, body: object): Promise<unknown> => {
    const answer = await send(base + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: process.interrupted,
    }).catch((cause: unknown) => {
      throw toApiError(cause);
    });
    const text: unknown = await answer.json().catch(() => undefined);
    if (answer.ok) return text;
    const refused = errorSchema.safeParse(text);
    if (refused.success) throw new UsageError(refused.data.error.message);
    throw LaunchlogApiError.ofStranger(answer.status);
  };
}
