import { describe, expect, test } from 'vitest';
import { EventQueue } from '@launchlog/sdk/stream/event-queue';
import type { ConnectionEvent, FollowEvent } from '@launchlog/sdk/follow-options';
import { entryOf } from '../../../support/fake/scripted-log-source.js';

const log = (seq: number, message = ''): FollowEvent => ({
  type: 'log',
  entry: entryOf(seq, message),
  cursor: String(seq),
});

describe('the queue of received and unread events', () => {
  test('returns events in order, even after millions of them', () => {
    const queue = new EventQueue<FollowEvent | ConnectionEvent>({ events: 10, characters: 1_000 });
    for (let seq = 1; seq <= 1_000_000; seq += 1) {
      queue.push(log(seq));
      if (seq % 5 > 0) continue;
      for (let back = 4; back >= 0; back -= 1) {
        const event = queue.shift();
        if (event?.type !== 'log' || event.entry.seq !== seq - back)
          throw new Error(`${seq - back} is out of order`);
      }
    }
    expect(queue.shift()).toBeUndefined();
  });

  test('is full by its number of events or of characters, and no longer full once events are read', () => {
    const queue = new EventQueue<FollowEvent | ConnectionEvent>({ events: 3, characters: 100 });
    for (const seq of [1, 2, 3]) queue.push(log(seq));
    expect(queue.full).toBe(true);
    queue.shift();
    expect(queue.full).toBe(false);
    queue.push(log(4, 'x'.repeat(100)));
    expect(queue.full).toBe(true);
    queue.clear();
    expect(queue.full).toBe(false);
  });

  test('holds only the latest connection event', () => {
    const queue = new EventQueue<FollowEvent | ConnectionEvent>();
    queue.push({ type: 'connection', connection: { state: 'idle' } });
    queue.push({ type: 'connection', connection: { state: 'open' } });
    expect(queue.shift()).toEqual({ type: 'connection', connection: { state: 'open' } });
    expect(queue.shift()).toBeUndefined();
  });
});
