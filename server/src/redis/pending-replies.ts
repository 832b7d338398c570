/** Replies that are waited for on one connection: ioredis may leave them unsettled when it breaks, this does not. */
export class PendingReplies {
  readonly #rejects = new Set<(error: Error) => void>();

  /** The reply, or a rejection as soon as the connection is lost. */
  race<Reply>(reply: Promise<Reply>): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      this.#rejects.add(reject);
      reply.then(resolve, reject).finally(() => this.#rejects.delete(reject));
    });
  }

  /** Whether what was sent has run is not known. */
  onLost(): void {
    const error = new Error('the connection to Redis was lost before the answer');
    for (const reject of this.#rejects) reject(error);
    this.#rejects.clear();
  }
}
