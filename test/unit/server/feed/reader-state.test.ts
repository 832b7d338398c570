import { describe, expect, it } from 'vitest';
import { PREPARING, READER_TRANSITIONS, transition } from '@launchlog/server/feed/reader-state';
import type { ReaderEvent, ReaderPosition, ReaderState } from '@launchlog/server/feed/reader-state';

const AT_7: ReaderPosition = { generation: 1, log: 'present', seq: 7, untilSeq: Infinity };
const AT_9: ReaderPosition = { ...AT_7, seq: 9 };
const { seq: _, ...AT_HEAD } = AT_7;

const PLACING: ReaderState = { kind: 'placing', greeted: false };
const BEHIND: ReaderState = { kind: 'behind', position: AT_7 };
const LIVE: ReaderState = { kind: 'live', position: AT_HEAD };
const FULL: ReaderState = { kind: 'full', position: AT_7 };
const FULL_BEFORE_PLACED: ReaderState = { kind: 'full', position: undefined };
const ENDED: ReaderState = { kind: 'ended' };
const STATES = [PREPARING, PLACING, BEHIND, LIVE, FULL, FULL_BEFORE_PLACED, ENDED];

const EVENTS: { readonly [Kind in ReaderEvent['kind']]: Extract<ReaderEvent, { kind: Kind }> } = {
  prepared: { kind: 'prepared' },
  greeted: { kind: 'greeted' },
  placed: { kind: 'placed', position: AT_7 },
  moved: { kind: 'moved', position: AT_9 },
  caught_up: { kind: 'caught_up' },
  restarted: { kind: 'restarted' },
  filled: { kind: 'filled', headSeq: 12 },
  drained: { kind: 'drained', afterSeq: 5 },
  ended: { kind: 'ended' },
};

/** Every way there is; whatever is not listed leaves the state as it is. */
const WAYS: readonly [ReaderState, ReaderEvent['kind'], ReaderState][] = [
  [PREPARING, 'prepared', PLACING],
  [PLACING, 'greeted', { kind: 'placing', greeted: true }],
  [PLACING, 'placed', BEHIND],
  [PLACING, 'filled', FULL_BEFORE_PLACED],
  [BEHIND, 'moved', { kind: 'behind', position: AT_9 }],
  [BEHIND, 'caught_up', LIVE],
  [BEHIND, 'filled', FULL],
  [LIVE, 'restarted', { kind: 'behind', position: { ...AT_7, seq: 0 } }],
  [LIVE, 'filled', { kind: 'full', position: { ...AT_7, seq: 12 } }],
  [FULL, 'drained', { kind: 'behind', position: { ...AT_7, seq: 5 } }],
  [FULL_BEFORE_PLACED, 'drained', { kind: 'placing', greeted: true }],
  ...STATES.map((state): [ReaderState, 'ended', ReaderState] => [state, 'ended', ENDED]),
];

describe('the states of a reader', () => {
  it.each(WAYS.map(([state, event, next]) => ({ state, event, next })))(
    'from $state.kind, $event leads to $next.kind',
    ({ state, event, next }) => {
      expect(transition(state, EVENTS[event])).toEqual(next);
    },
  );

  it('stay as they are on every other event', () => {
    for (const state of STATES) {
      for (const event of Object.values(EVENTS)) {
        if (WAYS.some(([from, kind]) => from === state && kind === event.kind)) continue;
        expect(transition(state, event), `${state.kind} on ${event.kind}`).toBe(state);
      }
    }
  });

  it('have a rule for every event', () => {
    for (const rules of Object.values(READER_TRANSITIONS)) {
      expect(Object.keys(rules).toSorted()).toEqual(Object.keys(EVENTS).toSorted());
    }
  });

  it('never move a drained reader forward', () => {
    expect(transition(FULL, { kind: 'drained', afterSeq: Infinity })).toEqual(BEHIND);
  });
});
