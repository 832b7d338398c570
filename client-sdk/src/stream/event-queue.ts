/** Memory limits of a reader that is slower than its log; an entry is at most 64 KB. */
const EVENTS_MAX = 2_000;
const CHARACTERS_MAX = 8_000_000;

export interface QueueLimits {
  readonly events: number;
  readonly characters: number;
}

export interface QueuedEvent {
  readonly type: string;
  /** The line of the event, if it carries one. */
  readonly entry?: { readonly message: string };
}

/** Events that were received and not read yet, in order. */
export class EventQueue<Event extends QueuedEvent> {
  readonly #limits: QueueLimits;
  #events: Event[] = [];
  #next = 0;
  #characters = 0;

  constructor(limits: QueueLimits = { events: EVENTS_MAX, characters: CHARACTERS_MAX }) {
    this.#limits = limits;
  }

  get full(): boolean {
    return (
      this.#events.length - this.#next >= this.#limits.events || this.#characters >= this.#limits.characters
    );
  }

  /** A connection event replaces an unread one before it: only the latest state matters. */
  push(event: Event): void {
    const last = this.#events.length - 1;
    if (event.type === 'connection' && last >= this.#next && this.#events[last]?.type === 'connection') {
      this.#events[last] = event;
      return;
    }
    this.#events.push(event);
    this.#characters += weightOf(event);
  }

  shift(): Event | undefined {
    const event = this.#events[this.#next];
    if (event === undefined) return undefined;
    this.#next += 1;
    this.#characters -= weightOf(event);
    // Drop the events that were read in batches: the cost of Array.shift() grows with the length of the array.
    if (this.#next === this.#events.length || this.#next >= this.#limits.events) {
      this.#events = this.#events.slice(this.#next);
      this.#next = 0;
    }
    return event;
  }

  clear(): void {
    this.#events = [];
    this.#next = 0;
    this.#characters = 0;
  }
}

function weightOf(event: QueuedEvent): number {
  return event.entry?.message.length ?? 0;
}
