/**
 * The tickets that have opened a stream, for all servers. Once `note` resolves, every server knows it, unless the store was
 * away: then this one alone does. What has ended is forgotten.
 */
export interface OpenedTickets {
  /** `endsAtMs`: when the ticket resumes nothing any more, in milliseconds since 1970. Never rejects. */
  note(id: string, endsAtMs: number): Promise<void>;
  /** Rejects where the store is away and this server does not know. */
  has(id: string): Promise<boolean>;
  /** Forgets up to `most` tickets that have ended, and resolves to their number. */
  expire(most: number): Promise<number>;
}
