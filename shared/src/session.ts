import { z } from 'zod';
import { filledText } from './field-rule.js';

/** A signed-in browser or command line. It contains no secret. */
export const sessionSchema = z.object({
  id: z.uuid(),
  /** The person, or the token that was entered. */
  name: z.string(),
  /**
   * How it began. `token`: somebody entered a token in the console. `sso`: a person signed in to the console by OpenID Connect.
   * `device`: the same for the command line.
   */
  way: z.string(),
  /** Address that the sign-in came from. */
  address: z.string().optional(),
  /** What the browser or program called itself when it signed in. */
  client: z.string().optional(),
  beganAt: z.iso.datetime(),
  /** When it last made a request, as far as it was written down: up to a minute late. */
  seenAt: z.iso.datetime().optional(),
  endsAt: z.iso.datetime(),
  /** The session that asks. */
  current: z.boolean(),
});
export type Session = z.infer<typeof sessionSchema>;

/** Selects among the sessions that the caller may see: its own, or all for an administrator. */
export const sessionListQuerySchema = z.strictObject({
  /** The name of a person or a token. */
  name: filledText(200).optional(),
});
export type SessionListQuery = z.output<typeof sessionListQuerySchema>;
