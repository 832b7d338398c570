import { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';

/** The first message of a client that could not send a header. tRPC's client calls its contents connection params. */
export const GREETING_MAX_BYTES = 4_096;
export const GREETING_WITHIN_MS = 5_000;

const greetingSchema = z.object({
  method: z.literal('connectionParams'),
  data: z.object({ token: z.string().min(1) }),
});

/** The token in a client's first message, from which nothing else is read. */
export function readGreeting(message: Buffer): string {
  if (message.length > GREETING_MAX_BYTES) {
    throw new LaunchlogError(
      'payload_too_large',
      `the first message must have at most ${GREETING_MAX_BYTES} bytes`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(message.toString('utf8'));
  } catch {
    value = undefined;
  }
  const greeting = greetingSchema.safeParse(value);
  if (greeting.success) return greeting.data.data.token;
  throw new LaunchlogError('missing_admin_token', 'missing admin token');
}
