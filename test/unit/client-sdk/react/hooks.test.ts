import { QueryClient, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { createElement, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  createLaunchlogClient,
  type LaunchlogClient,
  type LaunchResult,
  type NodePage,
} from '@launchlog/sdk';
import {
  LaunchlogProvider,
  launchMutationOptions,
  nodeLogQueryOptions,
  nodeQueryOptions,
  nodesInfiniteQueryOptions,
  nodesQueryOptions,
  useLaunch,
  useNode,
  useNodeLog,
  useNodes,
} from '@launchlog/sdk/react';
import { NodeLog } from '@launchlog/sdk/react/node-log';
import { createTestLaunchlog, type LaunchStep } from '@launchlog/sdk/testing';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' } as const;
const clients: LaunchlogClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

function open(script: readonly LaunchStep[] = []) {
  const launchlog = createTestLaunchlog();
  clients.push(launchlog.client);
  if (script.length > 0) launchlog.script(script);
  return launchlog;
}

function Page(): ReactElement {
  const nodes = useNodes({ status: 'active' }, { suspense: true });
  const node = useNode('cic-aws-uswest2-a100-spot-550e84');
  const none = useNode(undefined);
  const log = useNodeLog('550e8400-e29b-41d4-a716-446655440000', { suspense: true });
  const { isLaunching } = useLaunch();
  return createElement('p', {}, JSON.stringify([nodes, node, none, log.connection, isLaunching]));
}

describe('the hooks on a server', () => {
  test('render what a page shows before anything has arrived, and connect to nothing', () => {
    let calls = 0;
    const client = createLaunchlogClient({
      url: 'http://launchlog.test',
      fetch: () => Promise.reject(new Error(`call ${(calls += 1)}`)),
    });
    clients.push(client);
    const html = renderToString(createElement(LaunchlogProvider, { client }, createElement(Page)));
    const text = html.replaceAll('&quot;', '"').replace(/<\/?p>/g, '');
    expect(JSON.parse(text)).toEqual([
      { isLoading: true, nodes: [], hasMore: false },
      { isLoading: true, isMissing: false },
      { isLoading: false, isMissing: false },
      'connecting',
      false,
    ]);
    expect(client.connection.state).toBe('idle');
    expect(calls).toBe(0);
  });

  test('say what is missing where no provider is above them', () => {
    expect(() => renderToString(createElement(Page))).toThrow('<LaunchlogProvider client={client}>');
  });
});

describe('the options for TanStack Query', () => {
  test('read pages, a node and its log, launch, and stop reading when a query is cancelled', async () => {
    const { client } = open();
    const queries = new QueryClient();
    const { node } = await launchMutationOptions(client).mutationFn(LAUNCH);
    expect((await queries.fetchQuery(nodesQueryOptions(client))).nodes).toMatchObject([{ id: node.id }]);
    expect(await queries.fetchQuery(nodeQueryOptions(client, node.id))).toMatchObject({ id: node.id });
    await client.launchAndWait(LAUNCH);
    const page = await queries.fetchQuery(nodeLogQueryOptions(client, node.id, { tail: 1 }));
    expect(page.logs).toHaveLength(1);
    const { pages } = await queries.fetchInfiniteQuery(nodesInfiniteQueryOptions(client));
    expect(pages[0]?.nodes).toHaveLength(2);

    let [asked, aborted] = [false, false];
    const silent = createLaunchlogClient({
      url: 'http://launchlog.test',
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          asked = true;
          init?.signal?.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
    });
    clients.push(silent);
    const options = nodesQueryOptions(silent, { status: 'active' });
    const reading = queries.fetchQuery(options).catch(() => undefined);
    await expect.poll(() => asked).toBe(true);
    await queries.cancelQueries({ queryKey: options.queryKey });
    await reading;
    expect(aborted).toBe(true);
  });

  test('have the types of what they read', () => {
    const { client } = open();
    expectTypeOf(() => useQuery(nodesQueryOptions(client)).data).returns.toEqualTypeOf<
      NodePage | undefined
    >();
    expectTypeOf(() => useMutation(launchMutationOptions(client)).data).returns.toEqualTypeOf<
      LaunchResult | undefined
    >();
    expectTypeOf(
      () => useInfiniteQuery(nodesInfiniteQueryOptions(client)).data?.pages[0],
    ).returns.toEqualTypeOf<NodePage | undefined>();
  });
});

describe('the log behind the hook', () => {
  const follow = async (script: readonly LaunchStep[], max = 100) => {
    const { client } = open(script);
    const { node } = await client.launch(LAUNCH);
    const log = new NodeLog({ client, nodeId: node.id, query: {}, max });
    log.start();
    return { log, messages: () => log.getSnapshot().entries.map(({ message }) => message) };
  };

  test('holds the newest entries, counts the others, and knows phase and end', async () => {
    const { log, messages } = await follow(
      [{ log: 'one' }, { log: 'two', phase: 'provisioning', progress: 20 }, { log: 'three' }, { active: {} }],
      2,
    );
    await expect.poll(() => log.getSnapshot().connection).toBe('ended');
    expect(messages()).toHaveLength(2);
    expect(log.getSnapshot()).toMatchObject({ done: { status: 'active' }, status: { phase: 'active' } });
    expect(log.getSnapshot().droppedCount).toBeGreaterThan(0);
    log.stop();
    expect(log.getSnapshot()).toMatchObject({ connection: 'connecting', entries: [], droppedCount: 0 });
  });

  test('begins again after a reset, and continues after a lost connection without a line twice', async () => {
    const { log, messages } = await follow([
      { log: 'old' },
      { waitMs: 50 },
      { reset: 'cleared' },
      { log: 'new' },
      { disconnect: true },
      { log: 'newer' },
    ]);
    await expect.poll(messages).toEqual(['new', 'newer']);
    expect(log.getSnapshot().reset).toMatchObject({ reason: 'cleared' });
    log.stop();
  });

  test('reports a refusal as its error', async () => {
    const { client } = open();
    const log = new NodeLog({ client, nodeId: crypto.randomUUID(), query: {}, max: 10 });
    log.start();
    await expect.poll(() => log.getSnapshot().connection).toBe('failed');
    expect(log.getSnapshot().error).toMatchObject({ code: 'node_not_found' });
  });
});
