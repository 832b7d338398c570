import { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Clock } from '../clock.js';
import type { Principal } from '../principal.js';
import { ClaimSigner } from './claim-signer.js';
import type { OpenedTickets } from './opened-tickets.js';

interface StreamTicketOptions {
  readonly secret: string;
  readonly clock: Clock;
  /** How long after its issue a ticket opens a stream. */
  readonly openWithinMs: number;
  /** How long after its issue a ticket resumes a stream that it opened. */
  readonly resumeWithinMs: number;
  readonly opened: OpenedTickets;
  readonly newId: () => string;
}

const claimsSchema = z.object({
  /** The id of the ticket; absent in tickets of 0.1.0. */
  id: z.uuid().optional(),
  /** The id of the node. */
  node: z.string(),
  /** The name of the caller that requested it. */
  actor: z.string(),
  /** The named token that the ticket belongs to. */
  token: z.uuid().optional(),
  /** The console session that the ticket belongs to: the ticket ends with it. */
  session: z.string().optional(),
  /** Milliseconds since 1970. */
  issuedAt: z.number(),
});

/**
 * Tickets let a browser's EventSource, which cannot send headers, read the log of one node for a while. Each server of a
 * cluster accepts the tickets of the others by their signature, and knows which ones have opened a stream. See decision 40.
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
    const id = this.#options.newId();
    const claims = {
      id,
      node: nodeId,
      actor: name,
      ...token,
      ...session,
      issuedAt: this.#options.clock.now(),
    };
    return {
      ticket: this.#signer.sign(claims),
      expiresInSeconds: Math.floor(this.#options.openWithinMs / 1_000),
    };
  }

  /** `resumed`: the caller names a cursor of the log, which only a reader of the log can know. */
  async redeem(ticket: string, resumed: boolean): Promise<Principal> {
    const claims = this.#claims(ticket);
    if (claims === undefined) throw new LaunchlogError('invalid_ticket', 'invalid stream ticket');
    const { clock, openWithinMs, resumeWithinMs } = this.#options;
    const ageMs = clock.now() - claims.issuedAt;
    if (ageMs > (resumed ? resumeWithinMs : openWithinMs)) throw expired();
    if (ageMs > openWithinMs && !(await this.#hasOpened(claims.id))) throw expired();
    return {
      name: claims.actor,
      kind: 'stream_ticket',
      scopes: ['logs:read'],
      nodeId: claims.node,
      ...(claims.token === undefined ? {} : { tokenId: claims.token }),
      ...(claims.session === undefined ? {} : { sessionId: claims.session }),
    };
  }

  /** Records that a redeemed ticket opens or resumes a stream now. Never rejects. */
  async noteOpened(ticket: string): Promise<void> {
    const claims = this.#claims(ticket);
    if (claims?.id === undefined) return;
    await this.#options.opened.note(claims.id, claims.issuedAt + this.#options.resumeWithinMs);
  }

  #claims(ticket: string): z.output<typeof claimsSchema> | undefined {
    return claimsSchema.safeParse(this.#signer.read(ticket)).data;
  }

  /** Servers of 0.1.0 do not record opened tickets: for theirs a cursor is enough, as it is for those servers. */
  async #hasOpened(id: string | undefined): Promise<boolean> {
    return id === undefined || (await this.#options.opened.has(id));
  }
}

function expired(): LaunchlogError {
  return new LaunchlogError('invalid_ticket', 'the stream ticket has expired: ask for a new one');
}
