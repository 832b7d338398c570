import { describe, expect, it } from 'vitest';
import { wonPrice } from '@launchlog/server/launch/attempt-trail';
import { transition } from '@launchlog/server/launch/transition';
import type { LaunchEvent, Offer } from '@launchlog/server/orchestrator/launch-event';
import { newLaunch } from '../../../support/sample/new-launch.js';

const WEST: Offer = { cloud: 'AWS', region: 'us-west-2', zone: 'us-west-2a' };
const EAST: Offer = { cloud: 'AWS', region: 'us-east-1', zone: 'us-east-1b' };

function after(...events: LaunchEvent[]) {
  return events.reduce((launch, event, index) => transition(launch, event, index * 1_000), newLaunch(0));
}
const tried = (offer: Offer): LaunchEvent => ({ kind: 'offer_tried', offer });
const refused: LaunchEvent = {
  kind: 'offer_failed',
  reason: 'no_capacity',
  message: 'InsufficientInstanceCapacity',
};
const up: LaunchEvent = { kind: 'instance_up' };

describe('attempt trail', () => {
  it('keeps each offer, why it failed, what it costs and which one won', () => {
    const launch = after(
      { kind: 'offer_priced', offer: { cloud: 'AWS', region: 'us-west-2', instance: 'p4d' }, price: 9.8 },
      tried(WEST),
      refused,
      { kind: 'offer_priced', offer: { cloud: 'AWS', region: 'us-east-1', instance: 'p4d' }, price: 10.6 },
      tried(EAST),
      up,
    );
    expect(launch.attempts).toEqual([
      {
        ...WEST,
        price: 9.8,
        outcome: 'failed',
        reason: 'no_capacity',
        message: 'InsufficientInstanceCapacity',
      },
      { ...EAST, price: 10.6, outcome: 'won' },
    ]);
    expect(wonPrice(launch)).toBe(10.6);
  });

  it('counts an offer that is reported twice, or first less exactly, once', () => {
    const launch = after(tried({ cloud: 'AWS', region: 'us-west-2' }), tried(WEST), tried(WEST));
    expect(launch.attempts).toEqual([{ ...WEST, outcome: 'trying' }]);
  });

  it('does not begin again when old output is repeated after a later offer', () => {
    const launch = after(tried(WEST), refused, tried(EAST), tried(WEST), up, tried(EAST), tried(WEST));
    expect(launch.attempts.map(({ region, outcome }) => [region, outcome])).toEqual([
      ['us-west-2', 'failed'],
      ['us-east-1', 'won'],
    ]);
  });

  it('starts a new attempt at an offer when nothing else is being tried', () => {
    const launch = after(tried(WEST), refused, tried(WEST));
    expect(launch.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'trying']);
  });

  it('gives up the winner when another offer is tried after its machine was lost', () => {
    const launch = after(tried(WEST), up, tried(EAST), up);
    expect(launch.phase).toBe('instance_ready');
    expect(launch.attempts.map(({ region, outcome }) => [region, outcome])).toEqual([
      ['us-west-2', 'failed'],
      ['us-east-1', 'won'],
    ]);
  });

  it('closes the offer that was being tried when the launch fails', () => {
    const launch = after(tried(WEST), { kind: 'failed', reason: 'timeout', message: 'too slow' });
    expect(launch.attempts).toEqual([{ ...WEST, outcome: 'failed', reason: 'timeout', message: 'too slow' }]);
  });
});
