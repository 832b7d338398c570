import { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import type { Principal } from '../principal.js';
import { ClaimSigner } from './claim-signer.js';

export interface StreamTicketOptions {
  readonly secret: string;
  readonly clock: Clock;
  /** Within so long a stream must be opened. */
  readonly openWithinMs: number;
  /** Within so long from its issue a stream that was open may be opened again where it was cut. */
  readonly resumeWithinMs: number;
}

const claimsSchema = z.object({
  /** The one node. */
  node: z.string(),
  /** Who asked for it. */
  actor: z.string(),
  /** With which named token. */
  token: z.uuid().optional(),
  /** From which console session: the ticket is worth nothing once that has ended. */
  session: z.string().optional(),
  /** Milliseconds since 1970. */
  issuedAt: z.number(),
});

/**
 * Lets a browser's EventSource, which can send no header, read the log of one node for a while. A ticket is proven by
 * its signature alone, so that each server of a cluster takes those of the others.
 */
export class StreamTickets {
  readonly #signer: ClaimSigner;
  readonly #options: StreamTicketOptions;

  constructor(options: StreamTicketOptions) {
    this.#signer = new ClaimSigner(options.secret, 'stream ticket v1');
    this.#options = options;
  }

  issue(
    nodeId: string,
    principal: Principal,
  ): { readonly ticket: string; readonly expiresInSeconds: number } {
    const { name, tokenId, sessionId } = principal;
    const token = tokenId === undefined ? {} : { token: tokenId };
    const session = sessionId === undefined ? {} : { session: sessionId };
    const claims = { node: nodeId, actor: name, ...token, ...session, issuedAt: this.#options.clock.now() };
    return {
      ticket: this.#signer.sign(claims),
      expiresInSeconds: Math.floor(this.#options.openWithinMs / 1_000),
    };
  }

  /** `resumed`: the caller names a place in the log, which it can know only from having read it. */
  redeem(ticket: string, resumed: boolean): Principal {
    const claims = claimsSchema.safeParse(this.#signer.read(ticket));
    if (!claims.success) {
      throw new LaunchlogError('invalid_ticket', 'invalid stream ticket');
    }
    const ageMs = this.#options.clock.now() - claims.data.issuedAt;
    if (ageMs > (resumed ? this.#options.resumeWithinMs : this.#options.openWithinMs)) {
      throw new LaunchlogError('invalid_ticket', 'the stream ticket has expired: ask for a new one');
    }
    return {
      name: claims.data.actor,
      kind: 'stream_ticket',
      scopes: ['logs:read'],
      nodeId: claims.data.node,
      ...(claims.data.token === undefined ? {} : { tokenId: claims.data.token }),
      ...(claims.data.session === undefined ? {} : { sessionId: claims.data.session }),
    };
  }
}
