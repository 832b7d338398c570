import { useMemo, useSyncExternalStore } from 'react';
import type { ReadableState } from './framed-state.js';

/** Something live that costs the server a stream while it runs. */
export interface LiveSource<State> extends ReadableState<State> {
  start(): void;
  stop(): void;
}

/** The state of something that others start and stop. */
export function runElsewhere<State>({ subscribe, getSnapshot }: ReadableState<State>): LiveSource<State> {
  return { subscribe, getSnapshot, start: () => undefined, stop: () => undefined };
}

/** React unmounts and mounts again (StrictMode, Suspense, navigation back): a source outlives that. */
const LINGER_MS = 1_000;
/** How long a source that a suspended component waits for runs without a reader. */
const SUSPENDED_MS = 30_000;

/** Runs its source while there are readers, and a moment longer. */
class SharedSource<
  State,
  Source extends LiveSource<State> = LiveSource<State>,
> implements ReadableState<State> {
  readonly source: Source;
  readonly #initial: State;
  #readers = 0;
  #stopping: ReturnType<typeof setTimeout> | undefined;
  #isRunning = false;

  constructor(source: Source) {
    this.source = source;
    this.#initial = source.getSnapshot();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const stopListening = this.source.subscribe(listener);
    this.#readers += 1;
    this.#run();
    return () => {
      stopListening();
      this.#readers -= 1;
      if (this.#readers === 0) this.#stopAfter(LINGER_MS);
    };
  };

  readonly getSnapshot = (): State => this.source.getSnapshot();

  /** A server renders what a page shows before anything has arrived, and follows nothing. */
  readonly getServerSnapshot = (): State => this.#initial;

  /** Runs without a reader, until the state is no longer the initial one, and resolves then. */
  arrived(isWaiting: (state: State) => boolean): Promise<void> {
    this.#run();
    if (this.#readers === 0) this.#stopAfter(SUSPENDED_MS);
    return new Promise((resolve) => {
      const stopListening = this.source.subscribe(() => {
        if (isWaiting(this.getSnapshot())) return;
        stopListening();
        resolve();
      });
    });
  }

  #run(): void {
    clearTimeout(this.#stopping);
    if (!this.#isRunning) this.source.start();
    this.#isRunning = true;
  }

  #stopAfter(ms: number): void {
    clearTimeout(this.#stopping);
    this.#stopping = setTimeout(() => {
      this.#isRunning = false;
      this.source.stop();
    }, ms);
  }
}

/** By owner and key. What no component holds any more is collected. */
const sources = new WeakMap<object, Map<string, WeakRef<SharedSource<unknown>>>>();

function sharedSource<State, Source extends LiveSource<State>>({
  owner,
  key,
  create,
}: SharedUse<State, Source>): SharedSource<State, Source> {
  const known = sources.get(owner) ?? new Map<string, WeakRef<SharedSource<unknown>>>();
  sources.set(owner, known);
  const found = known.get(key)?.deref();
  if (found !== undefined) return found as SharedSource<State, Source>;
  for (const [name, reference] of known) if (reference.deref() === undefined) known.delete(name);
  const created = new SharedSource<State, Source>(create());
  known.set(key, new WeakRef(created as SharedSource<unknown>));
  return created;
}

interface SharedUse<State, Source> {
  /** A client, or a pool of nodes: what lives as long as the sources that are made of it. */
  readonly owner: object;
  /** Equal keys share one source; it names the kind and everything that `create` depends on. */
  readonly key: string;
  readonly create: () => Source;
  /** Suspends while this is so. On a server nothing is waited for. */
  readonly isWaiting?: ((state: State) => boolean) | undefined;
  /** Called with the running source before the component is suspended: its effects will not run. */
  readonly onSuspend?: ((source: Source) => void) | undefined;
}

/** The state of a source that all components with the same owner and key share. */
export function useSharedSource<State, Source extends LiveSource<State> = LiveSource<State>>(
  use: SharedUse<State, Source>,
): readonly [State, Source] {
  const { owner, key, isWaiting } = use;
  // The key stands for everything that `create` depends on.
  const shared = useMemo(() => sharedSource(use), [owner, key]);
  const state = useSyncExternalStore(shared.subscribe, shared.getSnapshot, shared.getServerSnapshot);
  if (isWaiting?.(state) === true && typeof document !== 'undefined') {
    const arrived = shared.arrived(isWaiting);
    use.onSuspend?.(shared.source);
    // oxlint-disable-next-line typescript/only-throw-error -- Suspense catches promises.
    throw arrived;
  }
  return [state, shared.source];
}
