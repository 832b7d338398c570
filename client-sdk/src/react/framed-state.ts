/** What React's `useSyncExternalStore` reads. */
export interface ReadableState<State> {
  /** Calls the listener after each change until the returned function is called. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The same object until the next change. */
  readonly getSnapshot: () => State;
}

/** Runs the callback once, soon. Call the returned function to cancel it. */
export type FrameScheduler = (callback: () => void) => () => void;

/** A hidden tab and a program without a screen draw no frames; this interval replaces them. */
const WITHOUT_FRAMES_MS = 250;

export const nextFrame: FrameScheduler = (callback) => {
  const frames = typeof requestAnimationFrame === 'function';
  const cancel = () => {
    if (frames) cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    cancel();
    callback();
  };
  const frame = frames ? requestAnimationFrame(run) : 0;
  const timer = setTimeout(run, frames ? WITHOUT_FRAMES_MS : 0);
  return cancel;
};

/** A state that is published once per frame, however often it changes in it. */
export class FramedState<State extends object> implements ReadableState<State> {
  #shown: State;
  #next: State;
  #cancel: (() => void) | undefined;
  readonly #schedule: FrameScheduler;
  readonly #finish: (next: State, shown: State) => State;
  readonly #listeners = new Set<() => void>();

  /** `finish` computes, before each publication, what is too costly to compute on each change. */
  constructor(
    initial: State,
    schedule: FrameScheduler,
    finish: (next: State, shown: State) => State = (next) => next,
  ) {
    this.#shown = initial;
    this.#next = initial;
    this.#schedule = schedule;
    this.#finish = finish;
  }

  /** The state with all changes, published or not. */
  get next(): State {
    return this.#next;
  }

  change(patch: Partial<State>): void {
    this.#next = { ...this.#next, ...patch };
    this.#cancel ??= this.#schedule(() => this.#publish());
  }

  /** Publishes at once, and forgets what was to be published. */
  reset(state: State): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#next = state;
    this.#show(state);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): State => this.#shown;

  #publish(): void {
    this.#cancel = undefined;
    this.#next = this.#finish(this.#next, this.#shown);
    this.#show(this.#next);
  }

  #show(state: State): void {
    this.#shown = state;
    for (const listener of this.#listeners) listener();
  }
}
