import { z } from 'zod';
import type { Clock } from '../../clock.js';
import type { Principal } from '../../principal.js';
import { ClaimSigner } from '../claim-signer.js';
import type { TokenVerifier } from '../token-verifier.js';
import { personRow, principalOf } from './console-sessions.js';
import type { SignedInPerson, SignInSource } from './console-sessions.js';
import type { SessionRegistry } from './session-registry.js';

interface SessionTokenOptions {
  readonly secret: string;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly registry: Pick<SessionRegistry, 'find' | 'begin' | 'revoked'>;
}

/** Lets secret scanners find a token that was committed by mistake. */
const PREFIX = 'lls_';
const claimsSchema = z.object({ id: z.uuid() });

/**
 * Tokens of people who signed in from a command line. Each is a session with a row: it ends with its row, and has the rights
 * of its row. Every server with the same secret accepts it.
 */
export class SessionTokens implements TokenVerifier {
  readonly isGuessable = false;
  readonly #signer: ClaimSigner;
  readonly #options: SessionTokenOptions;

  constructor(options: SessionTokenOptions) {
    this.#signer = new ClaimSigner(options.secret, 'session token of a person');
    this.#options = options;
  }

  async begin(person: SignedInPerson, source: SignInSource): Promise<{ readonly token: string }> {
    const { clock, newId, registry } = this.#options;
    const id = newId();
    await registry.begin(personRow({ id, way: 'device', beganAtMs: clock.now() }, person, source));
    return { token: PREFIX + this.#signer.sign({ id }) };
  }

  isOurKind(token: string): boolean {
    return token.startsWith(PREFIX);
  }

  /** Rejects while the database does not answer and the session is not known here. */
  async verify(token: string): Promise<Principal | undefined> {
    if (!this.isOurKind(token)) return undefined;
    const claims = claimsSchema.safeParse(this.#signer.read(token.slice(PREFIX.length)));
    if (!claims.success) return undefined;
    const session = await this.#options.registry.find(claims.data.id);
    if (session === undefined || session.way === 'token') return undefined;
    return { ...principalOf(session, 'session_token'), revoked: this.#options.registry.revoked(session.id) };
  }
}
