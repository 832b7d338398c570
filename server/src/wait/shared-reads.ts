import { CoalescedTask } from './coalesced-task.js';

/**
 * Reads that callers of one key share: at most one runs for each key and one more waits. Every caller gets a read that began
 * after its call, so no answer is older than its question.
 */
export class SharedReads<Answer> {
  readonly #read: (key: string) => Promise<Answer>;
  readonly #tasks = new Map<string, CoalescedTask<Answer>>();

  constructor(read: (key: string) => Promise<Answer>) {
    this.#read = read;
  }

  /** Rejects as the read does. */
  async of(key: string): Promise<Answer> {
    const task = this.#tasks.get(key) ?? new CoalescedTask(() => this.#read(key));
    this.#tasks.set(key, task);
    try {
      return await task.run();
    } finally {
      if (task.idle && this.#tasks.get(key) === task) this.#tasks.delete(key);
    }
  }
}
