import { createElement, Suspense } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LaunchlogClient, Node, NodeWatchEvent } from '@launchlog/sdk';
import { LaunchlogProvider, NodePool, useNode } from '@launchlog/sdk/react';
import { createTestLaunchlog } from '@launchlog/sdk/testing';
import { sampleNode } from '../../../support/sample/sample-node.js';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' } as const;
const pools: NodePool[] = [];
const clients: LaunchlogClient[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.stop();
  for (const client of clients.splice(0)) await client.close();
});

/** A pool of a server in memory, and the names that it has read. */
function open() {
  const launchlog = createTestLaunchlog();
  const { client } = launchlog;
  clients.push(client);
  const read: string[] = [];
  const getNode: LaunchlogClient['getNode'] = (name, options) => {
    read.push(name);
    return client.getNode(name, options);
  };
  const errors: unknown[] = [];
  const pool = new NodePool({
    client: { ...client, getNode },
    limit: 1,
    onError: (error) => errors.push(error),
  });
  pools.push(pool);
  return { launchlog, client, pool, read, errors };
}

const ids = (pool: NodePool) => pool.getSnapshot().nodes.map(({ id }) => id);

describe('the nodes that are wanted by name', () => {
  test('are read once for everybody, stay beside newer ones, and are dropped when nobody wants them', async () => {
    const { client, pool, read } = open();
    const { node } = await client.launch(LAUNCH);
    const later = await client.launch(LAUNCH);
    pool.start();
    const [release, releaseToo] = [pool.want(node.clusterName), pool.want(node.clusterName)];
    await expect.poll(() => ids(pool)).toEqual(expect.arrayContaining([node.id, later.node.id]));
    expect(new Set(read)).toEqual(new Set([node.clusterName]));
    release();
    release();
    const { node: newest } = await client.launch(LAUNCH);
    await expect.poll(() => ids(pool)).toContain(newest.id);
    expect(ids(pool)).toContain(node.id);
    releaseToo();
    await client.nodes.terminate(newest.id);
    await expect.poll(() => ids(pool)).toHaveLength(1);
  });

  test('are refused where they name nothing, and found when such a node is launched', async () => {
    const { client, pool, errors } = open();
    pool.start();
    const nodeId = crypto.randomUUID();
    const release = pool.want(nodeId);
    await expect.poll(() => pool.getSnapshot().refusals.get(nodeId)).toMatchObject({ status: 404 });
    expect(errors).toEqual([]);
    await client.launch({ ...LAUNCH, nodeId });
    await expect.poll(() => ids(pool)).toEqual([nodeId]);
    release();
    await expect.poll(() => pool.getSnapshot().refusals.size).toBe(0);
  });

  test('are read after the start, and forgotten and read again with it', async () => {
    const { client, pool, read } = open();
    const { node } = await client.launch(LAUNCH);
    await client.launch(LAUNCH);
    pool.want(node.id);
    expect(read).toEqual([]);
    pool.start();
    await expect.poll(() => ids(pool)).toContain(node.id);
    pool.stop();
    expect(pool.getSnapshot()).toMatchObject({ isLoading: true, nodes: [], error: undefined });
    pool.start();
    await expect.poll(() => ids(pool)).toContain(node.id);
  });

  test('are read again after they are gone, and after a connection on which they may have gone', async () => {
    const node = sampleNode({ id: 'n1' });
    const known = new Map<string, Node>([[node.id, node]]);
    let send: (event: NodeWatchEvent) => void = () => undefined;
    const { client: real } = open();
    const client = {
      getNode: (name: string) => {
        const found = known.get(name);
        return found === undefined ? real.getNode('nobody') : Promise.resolve(found);
      },
      async *watchNodes() {
        for (;;) yield await new Promise<NodeWatchEvent>((resolve) => (send = resolve));
      },
    } as unknown as LaunchlogClient;
    const pool = new NodePool({ client, limit: 1 });
    pools.push(pool);
    pool.start();
    pool.want('n1');
    await expect.poll(() => ids(pool)).toEqual(['n1']);
    known.clear();
    send({ type: 'gone', nodeId: 'n1' });
    await expect.poll(() => pool.getSnapshot().refusals.get('n1')).toMatchObject({ status: 404 });
    expect(ids(pool)).toEqual([]);
    known.set('n1', node);
    send({ type: 'snapshot', nodes: [], more: false });
    await expect.poll(() => ids(pool)).toEqual(['n1']);
    expect(pool.getSnapshot().refusals.size).toBe(0);
    known.clear();
    send({ type: 'snapshot', nodes: [], more: false });
    await expect.poll(() => ids(pool)).toEqual([]);
  });
});

test('a suspended component, which runs no effects, has its node read all the same', async () => {
  const { client, read } = open();
  const { node } = await client.launch(LAUNCH);
  const getNode: LaunchlogClient['getNode'] = (name, options) => {
    read.push(name);
    return client.getNode(name, options);
  };
  const Page = () => createElement('p', {}, useNode(node.id, { suspense: true }).node?.id);
  const page = createElement(Suspense, { fallback: 'Reading' }, createElement(Page));
  const counted = { ...client, getNode };
  // On a server nothing is waited for.
  vi.stubGlobal('document', {});
  const html = renderToString(createElement(LaunchlogProvider, { client: counted }, page));
  vi.unstubAllGlobals();
  expect(html).toContain('Reading');
  await expect.poll(() => read).toEqual([node.id]);
});

describe('a pool that an app keeps', () => {
  const Page = ({ name }: { readonly name: string }) => {
    const { node, isMissing } = useNode(name);
    return createElement('p', {}, isMissing ? 'missing' : (node?.status ?? 'loading'));
  };

  test('is where the hook takes its nodes from, and neither started nor stopped by it', async () => {
    const { client, pool } = open();
    const { node } = await client.launch(LAUNCH);
    const page = (nodePool?: NodePool) =>
      renderToString(
        createElement(LaunchlogProvider, { client, nodePool }, createElement(Page, { name: node.id })),
      );
    expect(page(pool)).toBe('<p>loading</p>');
    pool.start();
    pool.put({ ...node, status: 'terminating' });
    await expect.poll(() => ids(pool)).toEqual([node.id]);
    expect(page()).toBe('<p>loading</p>');
    expect(ids(pool)).toEqual([node.id]);
  });
});
