import type { ConnectionEvent, FollowEvent } from './follow-options.js';

/** The most a reader that is slower than its log holds in memory; entries are at most 64 KB each. */
const EVENTS_MAX = 2_000;
const CHARACTERS_MAX = 8_000_000;

export interface QueueLimits {
  readonly events: number;
  readonly characters: number;
}

/** What was received and not yet read, in order. */
export class EventQueue {
  readonly #limits: QueueLimits;
  #events: (FollowEvent | ConnectionEvent)[] = [];
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

  /** A connection event replaces one that nobody has read: only the latest state matters. */
  push(event: FollowEvent | ConnectionEvent): void {
    const last = this.#events.length - 1;
    if (event.type === 'connection' && last >= this.#next && this.#events[last]?.type === 'connection') {
      this.#events[last] = event;
      return;
    }
    this.#events.push(event);
    this.#characters += weightOf(event);
  }

  shift(): FollowEvent | ConnectionEvent | undefined {
    const event = this.#events[this.#next];
    if (event === undefined) return undefined;
    this.#next += 1;
    this.#characters -= weightOf(event);
    // Cut off what was read now and then: an array's own shift() costs more the longer the array is.
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

function weightOf(event: FollowEvent | ConnectionEvent): number {
  return event.type === 'log' ? event.entry.message.length : 0;
}
