import { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import type { Principal } from '../principal.js';
import { ClaimSigner } from './claim-signer.js';

interface StreamTicketOptions {
  readonly secret: string;
  readonly clock: Clock;
  /** How long after its issue a ticket opens a stream. */
  readonly openWithinMs: number;
  /** How long after its issue a ticket resumes an interrupted stream. */
  readonly resumeWithinMs: number;
}

const claimsSchema = z.object({
  /** The id of the node. */
  node: z.string(),
  /** The name of the caller that requested it. */
  actor: z.string(),
  /** The named token behind it. */
  token: z.uuid().optional(),
  /** The console session behind it: when that ends, so does the ticket. */
  session: z.string().optional(),
  /** Milliseconds since 1970. */
  issuedAt: z.number(),
});

/**
 * Tickets let a browser's EventSource, which cannot send headers, read the log of one node for a while. Only the
 * signature is checked, so that each server of a cluster accepts the tickets of the others. See decision 40.
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

  /** `resumed`: the caller names a cursor of the log, which only a reader of the log can know. */
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
