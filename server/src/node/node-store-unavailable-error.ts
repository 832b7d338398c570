/** The registry of nodes cannot be reached; whether it did what was asked is not known. The call may be repeated. */
export class NodeStoreUnavailableError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'NodeStoreUnavailableError';
  }
}
