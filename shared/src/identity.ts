import { z } from 'zod';
import { TOKEN_SCOPES } from './access-token.js';

/** The owner of a credential, and what it may do. It contains no secret. */
export const identitySchema = z.object({
  /** The actor of the audit trail: a person, a named token, or `admin` for the configured token. */
  name: z.string(),
  /** `token`: a program, or somebody who entered a token. `person`: somebody who signed in. */
  kind: z.enum(['token', 'person']),
  /** How the call proved who it is: a token, a session of the console or command line, or the word of a trusted proxy. */
  credential: z.enum(['token', 'session', 'proxy']),
  scopes: z.array(z.enum(TOKEN_SCOPES)),
  /** It sees and launches nodes of this deployment only. */
  deploymentId: z.string().optional(),
  /** It sees and launches nodes of this tenant only. */
  tenantId: z.string().optional(),
  /** The named token, also behind a session. */
  tokenId: z.uuid().optional(),
  /** The session, where there is one. */
  sessionId: z.uuid().optional(),
  /** When the credential ends by itself: the session, the token, or the former secret of a token. Absent if it never does. */
  expiresAt: z.iso.datetime().optional(),
  /** When the token or session was last used, up to a minute late: `2026-11-23T13:44:24.822Z`. Absent where that is not written down. */
  lastUsedAt: z.iso.datetime().optional(),
});
export type Identity = z.infer<typeof identitySchema>;
