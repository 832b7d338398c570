import type { OpenedTickets } from '@launchlog/server/auth/opened-tickets';

/** Opened tickets as a set. Several servers may share one. */
export class MemoryOpenedTickets implements OpenedTickets {
  readonly ids = new Set<string>();

  note(id: string): Promise<void> {
    this.ids.add(id);
    return Promise.resolve();
  }

  has(id: string): Promise<boolean> {
    return Promise.resolve(this.ids.has(id));
  }

  expire(): Promise<number> {
    return Promise.resolve(0);
  }
}
