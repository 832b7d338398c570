/**
 * The tickets that have opened a stream, for all servers. Once `note` resolves, every server knows it, unless the store was
 * away: then this one alone does. Expired tickets are removed.
 */
export interface OpenedTickets {
  /** `endsAtMs` is when the ticket expires, in milliseconds since 1970. Never rejects. */
  note(id: string, endsAtMs: number): Promise<void>;
  /** Whether the ticket has opened a stream. Rejects if the store is away and this server does not know. */
  has(id: string): Promise<boolean>;
  /** Forgets up to `most` tickets that have ended, and resolves to their number. */
  expire(most: number): Promise<number>;
}
