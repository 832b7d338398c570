import type { ConnectionListener, ConnectionState, MergedFollowEvent } from '@launchlog/sdk';
import { LaunchlogApiError } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { describe, expect, test } from 'vitest';
import type { MergedLogFollowerOptions } from '@launchlog/console/deployment/merged-log-follower';
import { MergedLogFollower } from '@launchlog/console/deployment/merged-log-follower';
import { LogStore } from '@launchlog/console/log/store/log-store';
import { frameDrawn, timerFrame } from '../../../support/fake/timer-frame.js';

type Step = MergedFollowEvent | ConnectionState | Error;

function entry(seq: number, name = 'line'): LogEntry {
  const timestamp = new Date(seq * 1_000).toISOString();
  return {
    seq,
    timestamp,
    level: 'info',
    message: `${name} ${seq}`,
    phase: 'installing',
    source: 'instance',
  };
}

const log = (nodeId: string, seq: number): MergedFollowEvent => ({
  type: 'log',
  nodeId,
  entry: entry(seq, nodeId),
  cursor: 'c',
});

const notice = (code: 'history_loading' | 'history_complete', count: number): MergedFollowEvent => ({
  type: 'notice',
  notice: { code, message: code, count },
  cursor: 'c',
});

interface Played {
  readonly deploymentId?: string;
  /** Ended launches with their entries. */
  readonly ended?: Readonly<Record<string, readonly LogEntry[]>>;
  /** What a second stream has, which ends. */
  readonly earlier?: readonly MergedFollowEvent[];
  readonly steps: readonly Step[];
}

/** Plays a stream that stays open after its last step. */
async function follow({ deploymentId, ended = {}, earlier = [], steps }: Played) {
  const listeners = new Set<ConnectionListener>();
  let taken = 0;
  const states: string[] = [];
  async function* play({ follow: follows }: { readonly follow?: boolean } = {}) {
    if (follows === false) {
      yield* earlier;
      return;
    }
    for (const step of steps) {
      await Promise.resolve();
      if (step instanceof Error) throw step;
      if ('state' in step) for (const listener of listeners) listener(step);
      else yield step;
      taken += 1;
    }
    await new Promise(() => undefined);
  }
  const client = {
    connection: { state: 'open' },
    onConnectionChange: (listener: ConnectionListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listNodes: () => Promise.resolve({ nodes: Object.keys(ended).map((id) => ({ id })) }),
    logs: (id: string) => Promise.resolve({ logs: ended[id] ?? [] }),
    followDeployment: (_: string, options: { readonly follow?: boolean }) => play(options),
    followAll: play,
  } as unknown as MergedLogFollowerOptions['client'];
  const store = new LogStore({
    schedule: timerFrame,
    openPort: () => ({ post: () => undefined, close: () => undefined }),
    earlierRows: 100,
  });
  const refused: unknown[] = [];
  const onRefused = (error: unknown) => refused.push(error);
  const nowMs = () => 0;
  const follower = new MergedLogFollower({ client, store, deploymentId, nowMs, onRefused });
  follower.stream.subscribe(() => states.push(follower.stream.state));
  const isOver = () => taken === steps.length || follower.stream.state === 'failed';
  await expect.poll(isOver).toBe(true);
  // The frame for the last events was scheduled before this.
  await frameDrawn();
  const texts = store.getSnapshot().passed.map((row) => row.text);
  follower.close();
  return {
    texts,
    state: follower.stream.state,
    states,
    members: [...follower.members.state],
    refused,
    listeners: listeners.size,
  };
}

describe('following the logs of many nodes into the page', () => {
  test('lines keep the order of the stream, and every node in it is a member', async () => {
    const { texts, state, members, listeners } = await follow({
      steps: [log('a', 1), log('b', 1), log('a', 2)],
    });
    expect(texts).toEqual(['a 1', 'b 1', 'a 2']);
    expect(members).toEqual(['a', 'b']);
    expect(state).toBe('live');
    expect(listeners).toBe(0);
  });

  test('a deployment starts with its ended launches sorted by time, and no line of them appears twice', async () => {
    const { texts, members } = await follow({
      deploymentId: 'chat',
      ended: { a: [entry(1, 'a'), entry(3, 'a')], b: [entry(2, 'b')] },
      steps: [log('a', 3), log('a', 4), log('c', 1)],
    });
    expect(texts).toEqual(['a 1', 'b 2', 'a 3', 'a 4', 'c 1']);
    expect(members.toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('gap, reset and end are marked for their node, and a log that started over is shown from its first line', async () => {
    const { texts } = await follow({
      deploymentId: 'chat',
      ended: { a: [entry(5, 'a')] },
      steps: [
        { type: 'gap', nodeId: 'b', gap: { from_seq: 1, to_seq: 4, reason: 'trimmed' }, cursor: 'c' },
        { type: 'reset', nodeId: 'a', reset: { reason: 'cleared', epoch: '0123456789abcdef' }, cursor: 'c' },
        log('a', 1),
        { type: 'done', nodeId: 'a', done: { status: 'active', message: 'It serves.' }, cursor: 'c' },
      ],
    });
    expect(texts).toEqual([
      'Lines 1 to 4 are no longer available (trimmed)',
      'The log started over (cleared). Its available lines follow.',
      'a 1',
      'Launch complete. It serves.',
    ]);
  });

  test('the last lines are shown at once, then earlier ones before them, and the log is live only after that', async () => {
    const { texts, states, members } = await follow({
      earlier: [
        log('b', 1),
        { type: 'gap', nodeId: 'a', gap: { from_seq: 1, to_seq: 7, reason: 'trimmed' }, cursor: 'c' },
        log('a', 8),
        log('a', 9),
        log('a', 10),
      ],
      steps: [
        notice('history_loading', 2),
        log('a', 9),
        log('a', 10),
        notice('history_complete', 500),
        log('b', 1),
        log('b', 2),
      ],
    });
    expect(texts).toEqual([
      'Lines 1 to 7 are no longer available (trimmed)',
      'a 8',
      'a 9',
      'a 10',
      'b 1',
      'b 2',
    ]);
    expect(states).toEqual(['history', 'live']);
    expect(members.toSorted()).toEqual(['a', 'b']);
  });

  test('nothing earlier is read where the stream has shown all that there was', async () => {
    const { texts, states } = await follow({
      earlier: [log('a', 1)],
      steps: [notice('history_loading', 1), log('a', 2), notice('history_complete', 1)],
    });
    expect(texts).toEqual(['a 2']);
    expect(states).toEqual(['history', 'live']);
  });

  test('lines that are held are shown when the connection breaks, and earlier ones are read only once', async () => {
    const { texts, states } = await follow({
      earlier: [log('a', 1)],
      steps: [
        notice('history_loading', 1),
        log('a', 2),
        { state: 'connecting', failedAttempts: 0 },
        { state: 'open' },
        notice('history_loading', 1),
        log('a', 3),
        notice('history_complete', 500),
      ],
    });
    expect(texts).toEqual([
      'a 1',
      'a 2',
      'Connection lost. Reconnecting…',
      'Reconnected. The log continues where it left off.',
      'a 3',
    ]);
    expect(states.at(-1)).toBe('live');
  });

  test('a lost connection is marked once, and so is the reconnection', async () => {
    const { texts } = await follow({
      steps: [
        log('a', 1),
        { state: 'connecting', failedAttempts: 0 },
        { state: 'connecting', failedAttempts: 1 },
        { state: 'open' },
        log('a', 2),
      ],
    });
    expect(texts).toEqual([
      'a 1',
      'Connection lost. Reconnecting…',
      'Reconnected. The log continues where it left off.',
      'a 2',
    ]);
  });

  test('a refusal ends following with the server’s message and is reported', async () => {
    const refusal = new LaunchlogApiError('invalid_admin_token', 'invalid admin token');
    const { texts, state, refused } = await follow({ steps: [refusal] });
    expect(texts).toEqual(['The log cannot be read: invalid admin token']);
    expect(state).toBe('failed');
    expect(refused).toEqual([refusal]);
  });
});
