import { afterEach, expect, test } from 'vitest';
import { NodeList } from '@launchlog/sdk/react/node-list';
import type { Node, NodeListQueryInput } from '@launchlog/sdk';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import { sampleNode } from '../../../support/sample/sample-node.js';
import { timerFrame } from '../../../support/fake/timer-frame.js';

const node = (id: string, overrides: Partial<Node> = {}) =>
  sampleNode({ id, clusterName: `cic-${id}`, ...overrides });
const ALL = ['a', 'b', 'c', 'd', 'e', 'f'];
const none = { launching: 0, active: 0, failed: 0, terminating: 0, terminated: 0, lost: 0 };
const counts = (total: number) => ({ total, statuses: { ...none, launching: total } });

const lists: NodeList[] = [];
afterEach(() => {
  for (const list of lists.splice(0)) list.stop();
});

/** A server with six nodes, a window of two and pages of two. */
function open() {
  const asked: NodeListQueryInput[] = [];
  let push: (event: NodeWatchEvent) => void = () => undefined;
  const client = {
    async *watchNodes({ signal }: { signal: AbortSignal }) {
      const events: NodeWatchEvent[] = [];
      let wake = () => {};
      push = (event) => {
        events.push(event);
        wake();
      };
      yield { type: 'snapshot', nodes: [node('a'), node('b')], more: true, counts: counts(6) };
      while (!signal.aborted) {
        yield* events.splice(0);
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve());
        });
      }
    },
    listNodes: (query: NodeListQueryInput) => {
      asked.push(query);
      const start = Number(query.cursor ?? 0);
      const nodes = ALL.slice(start, start + 2).map((id) => node(id));
      return Promise.resolve({ nodes, ...(start + 2 < ALL.length && { nextCursor: String(start + 2) }) });
    },
  } as unknown as ConstructorParameters<typeof NodeList>[0]['client'];
  const list = new NodeList({
    client,
    schedule: timerFrame,
  });
  lists.push(list);
  const ids = () => list.getSnapshot().nodes.map(({ id }) => id);
  return { list, asked, ids, push: (event: NodeWatchEvent) => push(event) };
}

test('reads page after page behind the window until there are no more', async () => {
  const { list, asked, ids } = open();
  list.show({ sort: 'live', counts: true });
  await expect.poll(ids).toEqual(['a', 'b']);
  expect(list.getSnapshot()).toMatchObject({ hasMore: true, isLoading: false, counts: counts(6) });
  await list.loadMore();
  await expect.poll(ids).toEqual(['a', 'b', 'c', 'd']);
  await list.loadMore();
  await expect.poll(ids).toEqual(ALL);
  expect(list.getSnapshot().hasMore).toBe(false);
  await list.loadMore();
  expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, '2', '4']);
  expect(asked.every((query) => query.counts === undefined && query.sort === 'live')).toBe(true);
});

test('keeps rows whose place changes, drops those that are gone, and shows changes of rows beyond the window', async () => {
  const { list, ids, push } = open();
  list.show({ sort: 'live', counts: true });
  await expect.poll(ids).toEqual(['a', 'b']);
  await list.loadMore();
  push({ type: 'node', node: node('new') });
  push({ type: 'window', nodeIds: ['new', 'a'], more: true, counts: counts(7) });
  await expect.poll(ids).toEqual(['new', 'a', 'b', 'c', 'd']);
  expect(list.getSnapshot().counts?.total).toBe(7);
  push({ type: 'node', node: node('d', { progress: 99 }) });
  await expect.poll(() => list.getSnapshot().nodes.at(-1)?.progress).toBe(99);
  push({ type: 'gone', nodeId: 'c' });
  await expect.poll(ids).toEqual(['new', 'a', 'b', 'd']);
});

test('shows the list of before until the one that was asked for has arrived', async () => {
  const { list, ids } = open();
  list.show({ sort: 'live', counts: true });
  await expect.poll(ids).toEqual(['a', 'b']);
  await list.loadMore();
  await expect.poll(ids).toHaveLength(4);
  list.show({ sort: 'name', counts: true });
  expect(ids()).toHaveLength(4);
  await expect.poll(ids).toEqual(['a', 'b']);
});
