import { expect, test } from 'vitest';
import { storyOf, toneOf } from '@launchlog/console/node/story/node-event-tone';
import type { NodeEvent } from '@launchlog/shared/node-event';

const event = (kind: string, details?: NodeEvent['details'], seq = 1): NodeEvent => ({
  seq,
  timestamp: '2026-01-01T00:00:00.000Z',
  kind,
  message: kind,
  ...(details && { details }),
});

test('the timeline shows the newest event first, and attempts in their own place', () => {
  const events = [event('launched', {}, 1), event('attempt', {}, 2), event('active', {}, 3)];
  expect(storyOf(events).map(({ seq }) => seq)).toEqual([3, 1]);
});

test.each([
  [event('active'), 'good'],
  [event('lost'), 'bad'],
  [event('health', { health: 'healthy' }), 'good'],
  [event('health', { health: 'unreachable' }), 'bad'],
  [event('health', { health: 'a word of a newer server' }), 'plain'],
  [event('a kind of a newer server'), 'plain'],
])('an event is coloured by what it means: %o', (each, tone) => {
  expect(toneOf(each)).toBe(tone);
});
