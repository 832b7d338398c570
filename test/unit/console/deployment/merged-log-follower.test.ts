import type { ConnectionListener, ConnectionState, MergedFollowEvent } from '@launchlog/sdk';
import { LaunchlogApiError } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { describe, expect, test } from 'vitest';
import type { MergedLogFollowerOptions } from '@launchlog/console/deployment/merged-log-follower';
import { MergedLogFollower } from '@launchlog/console/deployment/merged-log-follower';
import { LogStore } from '@launchlog/console/log/store/log-store';

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

interface Played {
  readonly deploymentId?: string;
  /** Ended launches with their entries. */
  readonly ended?: Readonly<Record<string, readonly LogEntry[]>>;
  readonly steps: readonly Step[];
}

/** Plays a stream that stays open after its last step. */
async function follow({ deploymentId, ended = {}, steps }: Played) {
  const listeners = new Set<ConnectionListener>();
  let taken = 0;
  async function* play() {
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
    followDeployment: play,
    followAll: play,
  } as unknown as MergedLogFollowerOptions['client'];
  const store = new LogStore({
    schedule: (callback) => {
      const timer = setTimeout(callback, 0);
      return () => clearTimeout(timer);
    },
    openPort: () => ({ post: () => undefined, close: () => undefined }),
  });
  const refused: unknown[] = [];
  const onRefused = (error: unknown) => refused.push(error);
  const nowMs = () => 0;
  const follower = new MergedLogFollower({ client, store, deploymentId, nowMs, onRefused });
  const isOver = () => taken === steps.length || follower.stream.state === 'failed';
  await expect.poll(isOver).toBe(true);
  // The frame for the last events was scheduled before this.
  await new Promise((resolve) => setTimeout(resolve, 0));
  const texts = store.getSnapshot().passed.map((row) => row.text);
  follower.close();
  return {
    texts,
    state: follower.stream.state,
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
      steps: [
        { type: 'gap', nodeId: 'a', gap: { from_seq: 1, to_seq: 2, reason: 'trimmed' }, cursor: 'c' },
        log('a', 3),
        log('a', 4),
        log('c', 1),
      ],
    });
    expect(texts).toEqual(['a 1', 'b 2', 'a 3', 'a 4', 'c 1']);
    expect(members).toEqual(['a', 'b', 'c']);
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
      'a 5',
      'Lines 1 to 4 are no longer available (trimmed)',
      'The log started over (cleared). Its available lines follow.',
      'a 1',
      'Launch complete. It serves.',
    ]);
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
