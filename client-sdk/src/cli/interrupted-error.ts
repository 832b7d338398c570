/** Somebody pressed Ctrl-C, or the input ended, while a question was open. */
export class InterruptedError extends Error {
  constructor() {
    super('interrupted');
    this.name = 'InterruptedError';
  }
}
