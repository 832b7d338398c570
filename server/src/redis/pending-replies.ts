/** Outstanding replies of one connection. When it breaks, ioredis may leave them unsettled; this rejects them. */
export class PendingReplies {
  readonly #rejects = new Set<(error: Error) => void>();

  /** Settles as the reply does, or rejects as soon as the connection is lost. */
  race<Reply>(reply: Promise<Reply>): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#rejects.add(reject);
      reply.then(resolve, reject).finally(() => this.#rejects.delete(reject));
    });
  }

  /** Rejects all outstanding replies. Whether the commands have run is unknown. */
  onLost(): void {
    const error = new Error('the connection to Redis was lost before the answer');
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
  }
}
