import type { ConnectionEvent, FollowEvent, LaunchlogClient, LogPage } from '@launchlog/sdk';
import { LaunchlogApiError } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { describe, expect, test } from 'vitest';
import { NodeLogFollower } from '@launchlog/console/log/node-log-follower';
import { LogStore } from '@launchlog/console/log/store/log-store';
import { frameDrawn, timerFrame } from '../../../support/fake/timer-frame.js';

const EPOCH = '0123456789abcdef';

function entry(seq: number): LogEntry {
  const timestamp = new Date(seq).toISOString();
  return { seq, timestamp, level: 'info', message: `line ${seq}`, phase: 'installing', source: 'instance' };
}

function page(from: number, to: number, rest: Partial<LogPage> = {}): LogPage {
  const logs = Array.from({ length: to - from + 1 }, (_, index) => entry(from + index));
  return { nodeId: 'one', count: logs.length, logs, nextCursor: `${EPOCH}:${to}`, ...rest };
}

interface Played {
  readonly pages: (LogPage | Error)[];
  readonly events: (FollowEvent | ConnectionEvent | Error)[];
}

/** Follows a node with a scripted client and resolves when the follower has read everything. */
async function follow({ pages, events }: Played) {
  const asked: unknown[] = [];
  const client = {
    logs: (_: string, query: object) => {
      asked.push(query);
      const next = pages.shift() ?? page(1, 0);
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
    async *followLog(_: string, options: { cursor?: string }) {
      asked.push({ cursor: options.cursor });
      for (const event of events) {
        await Promise.resolve();
        if (event instanceof Error) throw event;
        yield event;
      }
    },
  } as unknown as Pick<LaunchlogClient, 'followLog' | 'logs'>;
  const store = new LogStore({
    schedule: timerFrame,
    openPort: () => ({ post: () => undefined, close: () => undefined }),
  });
  const refused: unknown[] = [];
  const follower = new NodeLogFollower({
    client,
    store,
    nodeId: 'one',
    onRefused: (error) => refused.push(error),
  });
  await expect.poll(() => ['ended', 'failed'].includes(follower.stream.state)).toBe(true);
  // The frame for the last entries was scheduled before the end.
  await frameDrawn();
  const texts = store.getSnapshot().passed.map((row) => row.text);
  return { asked, texts, state: follower.stream.state, refused };
}

const log = (seq: number): FollowEvent => ({ type: 'log', entry: entry(seq), cursor: `${EPOCH}:${seq}` });
const connection = (state: 'open' | 'connecting'): ConnectionEvent => ({
  type: 'connection',
  connection: state === 'open' ? { state } : { state, failedAttempts: 0 },
});
const done: FollowEvent = {
  type: 'done',
  done: { status: 'active', message: 'It serves.' },
  cursor: `${EPOCH}:3:done`,
};

describe('following a log into the page', () => {
  test('history is read in pages, and the stream continues where the last page ended', async () => {
    const { asked, texts, state } = await follow({ pages: [page(1, 2)], events: [log(3), done] });
    expect(asked).toEqual([{ cursor: '0000000000000000:0', limit: 10_000 }, { cursor: `${EPOCH}:2` }]);
    expect(texts).toEqual(['line 1', 'line 2', 'line 3', 'Launch complete. It serves.']);
    expect(state).toBe('ended');
  });

  test('gaps and resets are marked where they occurred', async () => {
    const gap = { from_seq: 1, to_seq: 4, reason: 'trimmed' } as const;
    const { texts } = await follow({
      pages: [page(5, 5, { gap })],
      events: [{ type: 'reset', reset: { reason: 'cleared', epoch: EPOCH }, cursor: '' }, log(1), done],
    });
    expect(texts).toEqual([
      'Lines 1 to 4 are no longer available (trimmed)',
      'line 5',
      'The log started over (cleared). Its available lines follow.',
      'line 1',
      'Launch complete. It serves.',
    ]);
  });

  test('a lost connection is marked once, and so is the reconnection', async () => {
    const { texts } = await follow({
      pages: [page(1, 1)],
      events: [
        connection('connecting'),
        connection('open'),
        log(2),
        connection('connecting'),
        connection('connecting'),
        connection('open'),
        log(3),
        done,
      ],
    });
    expect(texts).toEqual([
      'line 1',
      'line 2',
      'Connection lost. Reconnecting…',
      'Reconnected. The log continues where it left off.',
      'line 3',
      'Launch complete. It serves.',
    ]);
  });

  test('a refusal ends following with the server’s message and is reported', async () => {
    const refusal = new LaunchlogApiError('invalid_admin_token', 'invalid admin token');
    const { texts, state, refused } = await follow({ pages: [refusal], events: [refusal] });
    expect(texts).toEqual(['The log cannot be read: invalid admin token']);
    expect(state).toBe('failed');
    expect(refused).toEqual([refusal]);
  });
});
