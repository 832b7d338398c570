import { LogStoreUnavailableError } from '@launchlog/server/log/log-store';
import type { PositionStore } from '@launchlog/server/log/position/position-store';

/** Places in memory, which can be taken away, lost or cut short. */
export class MemoryPositions implements PositionStore {
  readonly records = new Map<string, Uint8Array>();
  /** Every call fails. */
  away = false;
  /** Appends are stored, and their answers are lost. */
  deaf = false;

  create(name: string, bytes: Uint8Array): Promise<void> {
    return this.#ask(() => void this.records.set(name, bytes));
  }

  append(name: string, length: number, bytes: Uint8Array): Promise<void> {
    return this.#ask(() => {
      const before = this.records.get(name);
      if (before?.length !== length) throw new LogStoreUnavailableError('lost');
      this.records.set(name, Buffer.concat([before, bytes]));
      if (this.deaf) throw new LogStoreUnavailableError('no answer');
    });
  }

  read(name: string): Promise<Uint8Array | undefined> {
    return this.#ask(() => this.records.get(name));
  }

  remove(name: string): Promise<void> {
    return this.#ask(() => void this.records.delete(name));
  }

  async #ask<Answer>(answer: () => Answer): Promise<Answer> {
    await Promise.resolve();
    if (this.away) throw new LogStoreUnavailableError('away');
    return answer();
  }
}
