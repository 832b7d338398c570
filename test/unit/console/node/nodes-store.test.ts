import type { ConnectionListener, Node } from '@launchlog/sdk';
import { LaunchlogApiError } from '@launchlog/sdk';
import { NODE_LIST_MAX } from '@launchlog/shared/node';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { afterEach, describe, expect, test } from 'vitest';
import type { NodesStoreOptions } from '@launchlog/console/node/nodes-store';
import { NodesStore } from '@launchlog/console/node/nodes-store';
import { sampleNode } from '../../../support/sample/sample-node.js';
import { frameDrawn, timerFrame } from '../../../support/fake/timer-frame.js';

const node = (index: number, overrides: Partial<Node> = {}) =>
  sampleNode({
    id: `n${index}`,
    clusterName: `cic-${index}`,
    createdAt: new Date(index * 1_000).toISOString(),
    ...overrides,
  });

const stores: NodesStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.stop();
});

/** Starts a store whose watch yields these events and then stays silent. */
async function watch(events: readonly (NodeWatchEvent | Error)[], before?: (store: NodesStore) => void) {
  const listeners = new Set<ConnectionListener>();
  const read: string[] = [];
  const refused: unknown[] = [];
  const client = {
    async *watchNodes({ signal }: { signal: AbortSignal }) {
      for (const event of events) {
        await Promise.resolve();
        if (event instanceof Error) throw event;
        yield event;
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    getNode: (id: string) => {
      read.push(id);
      return Promise.resolve(node(Number(id.replace(/\D/g, '')), { modelName: 'read again' }));
    },
    onConnectionChange: (listener: ConnectionListener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as NodesStoreOptions['client'];
  const store = new NodesStore({
    client,
    schedule: timerFrame,
    onRefused: (error) => refused.push(error),
  });
  stores.push(store);
  before?.(store);
  let changes = 0;
  store.store.subscribe(() => (changes += 1));
  store.start();
  await settled();
  return { store, read, refused, listeners, changes: () => changes };
}

/** Events arrive in microtasks, before the first timer; what they schedule runs before the second. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await frameDrawn();
}
const ids = (store: NodesStore) => store.store.state.nodes.map(({ id }) => id);

describe('the list of nodes', () => {
  test('shows the snapshot and then the changes of the watch, newest first, in one update per frame', async () => {
    const { store, changes } = await watch([
      { type: 'snapshot', nodes: [node(2), node(1)], more: false },
      { type: 'node', node: node(3) },
      { type: 'node', node: node(1, { status: 'active' }) },
      { type: 'gone', nodeId: 'n2' },
    ]);
    expect(ids(store)).toEqual(['n3', 'n1']);
    expect(store.store.state.nodes[1]?.status).toBe('active');
    expect(store.store.state).toMatchObject({ loading: false, more: false, problem: undefined });
    expect(changes()).toBe(1);
  });

  test('a second snapshot replaces the first, but a node that a page asked for stays and is read again', async () => {
    const { store, read } = await watch(
      [
        { type: 'snapshot', nodes: [node(3), node(2), node(1)], more: false },
        { type: 'snapshot', nodes: [node(3)], more: true },
      ],
      (early) => early.pool.want('cic-1'),
    );
    expect(ids(store)).toEqual(['n3', 'n1']);
    expect(read).toEqual(['cic-1', 'cic-1']);
    expect(store.store.state.nodes[1]?.modelName).toBe('read again');
    expect(store.store.state.more).toBe(true);
  });

  test('ignores an answer that the watch has overtaken', async () => {
    const later = node(1, { status: 'active', updatedAt: '2030-01-01T00:00:02.000Z' });
    const { store } = await watch([{ type: 'snapshot', nodes: [later], more: false }]);
    store.put(node(1, { status: 'launching', updatedAt: '2030-01-01T00:00:01.000Z' }));
    await settled();
    expect(store.store.state.nodes[0]?.status).toBe('active');
  });

  test('holds a bounded number of nodes, drops the oldest and reports that there are more', async () => {
    const many = Array.from({ length: NODE_LIST_MAX + 3 }, (_, index): NodeWatchEvent => {
      return { type: 'node', node: node(index) };
    });
    const { store } = await watch([{ type: 'snapshot', nodes: [], more: false }, ...many]);
    expect(store.store.state.nodes).toHaveLength(NODE_LIST_MAX);
    expect(ids(store).at(-1)).toBe('n3');
    expect(store.store.state.more).toBe(true);
  });

  test('reports why it may be out of date, and withdraws the report', async () => {
    const away = { code: 'node_store_unavailable', message: 'the registry is away' };
    const { store, listeners } = await watch([{ type: 'notice', notice: away }]);
    expect(store.store.state.problem).toBe('the registry is away');
    for (const listener of listeners) listener({ state: 'open' });
    await settled();
    expect(store.store.state.problem).toBeUndefined();
    const error = LaunchlogApiError.unreachable('Failed to fetch');
    for (const listener of listeners) listener({ state: 'connecting', failedAttempts: 1, error });
    await settled();
    expect(store.store.state.problem).toBe('the server cannot be reached');
  });

  test('reports a refusal, and after stopping it knows nothing and listens to nothing', async () => {
    const refusal = new LaunchlogApiError('invalid_admin_token', 'invalid admin token');
    const { store, refused, listeners } = await watch([
      { type: 'snapshot', nodes: [node(1)], more: false },
      refusal,
    ]);
    expect(refused).toEqual([refusal]);
    expect(store.store.state.problem).toBe('invalid admin token');
    store.stop();
    expect(store.store.state).toEqual({ loading: true, nodes: [], more: false, problem: undefined });
    expect(listeners.size).toBe(0);
  });
});
