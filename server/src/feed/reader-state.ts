/**
 * The states of one reader and every way between them; pure.
 *
 *   preparing ──prepared──▶ placing ──placed──▶ behind ──caught_up──▶ live
 *   live ──restarted──▶ behind
 *   placing, behind, live ──filled──▶ full
 *   full ──drained──▶ behind, or placing where the reader has no position yet
 *   every state ──ended──▶ ended
 *
 * `greeted` and `moved` change what a state holds, not the state. Every other event changes nothing: it came too late, or
 * twice.
 */
export type ReaderState =
  /** The registry and the store have not been asked yet. */
  | { readonly kind: 'preparing' }
  /** They have been asked; the entry to begin with is not known yet. `greeted`: the first status was sent. */
  | { readonly kind: 'placing'; readonly greeted: boolean }
  /** Being brought up to date. */
  | { readonly kind: 'behind'; readonly position: ReaderPosition }
  /** At the head, which decides what the reader gets: a live reader has no seq of its own. */
  | { readonly kind: 'live'; readonly position: Omit<ReaderPosition, 'seq'> }
  /** The sink has no room. Without a position it became full before the reader had one. */
  | { readonly kind: 'full'; readonly position: ReaderPosition | undefined }
  | { readonly kind: 'ended' };

/** A position in the log that the head had at `generation`. */
export interface ReaderPosition {
  readonly generation: number;
  /**
   * `awaited`: no log has begun yet. `lost`: the reader was sent a reset because its log is gone, and will be sent another
   * one, with the epoch of the next log.
   */
  readonly log: 'present' | 'awaited' | 'lost';
  /** The last entry delivered. */
  readonly seq: number;
  /** The last entry of a stream that does not follow; Infinity for one that does. */
  readonly untilSeq: number;
}

export type ReaderEvent =
  /** Registry and store were asked, whether or not they answered. */
  | { readonly kind: 'prepared' }
  /** The first status was sent, or the registry has none to send. */
  | { readonly kind: 'greeted' }
  | { readonly kind: 'placed'; readonly position: ReaderPosition }
  /** Entries were delivered, or the log was replaced by another one. */
  | { readonly kind: 'moved'; readonly position: ReaderPosition }
  | { readonly kind: 'caught_up' }
  /** The head follows another log now. */
  | { readonly kind: 'restarted' }
  /** The sink has no room for more. A live reader had everything up to the head. */
  | { readonly kind: 'filled'; readonly headSeq: number }
  /** The sink has room again, for what follows `afterSeq` at the latest. */
  | { readonly kind: 'drained'; readonly afterSeq: number }
  | { readonly kind: 'ended' };

type ReaderStateKind = ReaderState['kind'];
type ReaderEventKind = ReaderEvent['kind'];
type ReaderRule<State extends ReaderStateKind, Event extends ReaderEventKind> = (
  state: Extract<ReaderState, { kind: State }>,
  event: Extract<ReaderEvent, { kind: Event }>,
) => ReaderState;
type ReaderRules<State extends ReaderStateKind> = {
  readonly [Event in ReaderEventKind]: ReaderRule<State, Event>;
};
type Transitions = { readonly [State in ReaderStateKind]: ReaderRules<State> };

export const PREPARING: ReaderState = { kind: 'preparing' };
const ENDED: ReaderState = { kind: 'ended' };

export function transition(state: ReaderState, event: ReaderEvent): ReaderState {
  return ruleFor(state.kind, event.kind)(state, event);
}

function ruleFor<State extends ReaderStateKind, Event extends ReaderEventKind>(
  state: State,
  event: Event,
): ReaderRule<State, Event> {
  const rules: ReaderRules<State> = READER_TRANSITIONS[state];
  return rules[event];
}

const stay = (state: ReaderState): ReaderState => state;
const ended = (): ReaderState => ENDED;
const DEFAULTS = {
  prepared: stay,
  greeted: stay,
  placed: stay,
  moved: stay,
  caught_up: stay,
  restarted: stay,
  filled: stay,
  drained: stay,
  ended,
};

export const READER_TRANSITIONS: Transitions = {
  preparing: {
    ...DEFAULTS,
    prepared: () => ({ kind: 'placing', greeted: false }),
  },
  placing: {
    ...DEFAULTS,
    greeted: () => ({ kind: 'placing', greeted: true }),
    placed: (_, { position }) => ({ kind: 'behind', position }),
    filled: () => ({ kind: 'full', position: undefined }),
  },
  behind: {
    ...DEFAULTS,
    moved: (_, { position }) => ({ kind: 'behind', position }),
    caught_up: ({ position: { generation, log, untilSeq } }) => ({
      kind: 'live',
      position: { generation, log, untilSeq },
    }),
    filled: ({ position }) => ({ kind: 'full', position }),
  },
  live: {
    ...DEFAULTS,
    // The generation is that of the former log: the next step finds the reader's position in the new one.
    restarted: ({ position }) => ({ kind: 'behind', position: { ...position, seq: 0 } }),
    filled: ({ position }, { headSeq }) => ({ kind: 'full', position: { ...position, seq: headSeq } }),
  },
  full: {
    ...DEFAULTS,
    drained: ({ position }, { afterSeq }) =>
      position === undefined
        ? { kind: 'placing', greeted: true }
        : { kind: 'behind', position: { ...position, seq: Math.min(position.seq, afterSeq) } },
  },
  ended: DEFAULTS,
};
