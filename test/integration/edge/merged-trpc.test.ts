import type { TRPCClientErrorLike } from '@trpc/client';
import { afterEach, describe, expect, test } from 'vitest';
import type { MergedLogEvent } from '@launchlog/shared/merged-log';
import type { NodeWatchEvent } from '@launchlog/shared/node-watch';
import type { AppRouter } from '@launchlog/server/trpc/router';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import type { ServerEdge } from '../../support/server/server-edge.js';
import { stockHttpClient, stockSocketClient } from '../../support/client/server-trpc-client.js';
import { writeLine } from '../../support/log/write-line.js';

const opened = new OpenedEdges();
const { open } = opened;
afterEach(() => opened.close());

async function start(options = {}) {
  const edge = await opened.start(options);
  const { trpc, close, sockets } = stockSocketClient({ url: edge.url });
  open.push({ close });
  return { edge, trpc, sockets };
}

async function nodeWithLog(edge: ServerEdge, entries: number, deploymentId = 'demo') {
  const node = edge.launches.add({ deploymentId });
  const writer = await edge.writer(node);
  open.push(writer);
  for (let number = 1; number <= entries; number += 1) {
    writeLine(writer, `line ${number}`, { phase: 'provisioning', source: 'skypilot' });
  }
  await writer.flush();
  return { node, writer };
}

type Items<Event> = { readonly id: string; readonly data: Event }[];

function entriesOf(items: Items<MergedLogEvent>): string[] {
  return items.flatMap(({ data }) => (data.type === 'log' ? [`${data.nodeId}:${data.entry.seq}`] : []));
}

describe('streams of many nodes over tRPC', () => {
  test('merge a deployment, or all nodes, and continue after a lost connection without repeating anything', async () => {
    const { edge, trpc, sockets } = await start();
    const one = await nodeWithLog(edge, 3);
    const other = await nodeWithLog(edge, 2, 'another');
    const mine: Items<MergedLogEvent> = [];
    const all: Items<MergedLogEvent> = [];
    trpc.deployments.logsStream.subscribe({ deploymentId: 'demo' }, { onData: (item) => mine.push(item) });
    trpc.logs.streamAll.subscribe({}, { onData: (item) => all.push(item) });
    await expect.poll(() => [entriesOf(mine).length, entriesOf(all).length]).toEqual([3, 5]);
    sockets.at(-1)?.terminate();
    writeLine(one.writer, 'more', { phase: 'provisioning', source: 'skypilot' });
    writeLine(other.writer, 'more', { phase: 'provisioning', source: 'skypilot' });
    await expect.poll(() => [entriesOf(mine).length, entriesOf(all).length]).toEqual([4, 7]);
    expect(new Set(entriesOf(all)).size).toBe(7);
    expect(entriesOf(mine).at(-1)).toBe(`${one.node.id}:4`);
  });

  test('send at the pace of the reader', async () => {
    const { edge, trpc, sockets } = await start({ bufferMaxBytes: 64 * 1024 });
    const node = edge.launches.add();
    const writer = await edge.writer(node);
    open.push(writer);
    for (let line = 0; line < 400; line += 1) {
      writeLine(writer, `${line} ${'x'.repeat(20_000)}`, { phase: 'provisioning', source: 'skypilot' });
    }
    await writer.flush();
    const items: Items<MergedLogEvent> = [];
    const onData = (item: Items<MergedLogEvent>[number]) => {
      if (items.push(item) === 1) sockets.at(-1)?.pause();
    };
    trpc.logs.streamAll.subscribe({ tail: 1_000 }, { onData });
    await expect.poll(() => items.length).toBeGreaterThan(0);
    // Sent at the server's own pace, all of it would be in the socket by now: another reader has had it.
    const other = await edge.fetch('/admin/logs/stream?tail=1000&follow=false');
    expect((await other.text()).match(/^event: log$/gm)).toHaveLength(400);
    expect(edge.merged.heldBytes).toBeGreaterThan(0);
    sockets.at(-1)?.resume();
    await expect.poll(() => entriesOf(items).length).toBe(400);
  });

  test('count, together with those of single nodes, as subscriptions of their socket', async () => {
    const { edge, trpc } = await start({ subscriptionsMax: 4 });
    const { node } = await nodeWithLog(edge, 1);
    const refused: unknown[] = [];
    const onError = (error: TRPCClientErrorLike<AppRouter>) => refused.push(error.data?.code);
    let begun = 0;
    const events = { onData: () => (begun += 1), onError };
    trpc.nodes.watch.subscribe({}, { onData: () => (begun += 1), onError });
    const merged = trpc.deployments.logsStream.subscribe({ deploymentId: 'demo' }, events);
    trpc.logs.streamAll.subscribe({}, events);
    await expect.poll(() => edge.merged.size).toBe(2);
    trpc.nodes.logsStream.subscribe({ nodeId: node.id }, events);
    await expect.poll(() => edge.trpc.streams).toBe(1);
    expect(refused).toEqual([]);
    trpc.logs.streamAll.subscribe({}, events);
    trpc.nodes.watch.subscribe({}, events);
    trpc.nodes.logsStream.subscribe({ nodeId: node.id }, events);
    await expect.poll(() => refused).toEqual(['rate_limited', 'rate_limited', 'rate_limited']);
    expect([edge.merged.size, edge.trpc.streams]).toEqual([2, 1]);
    // Each merged stream listens for nodes that join.
    expect(edge.watch.listeners).toBe(1 + edge.merged.size);
    merged.unsubscribe();
    await expect.poll(() => edge.merged.size).toBe(1);
    trpc.logs.streamAll.subscribe({}, events);
    await expect.poll(() => edge.merged.size).toBe(2);
    expect(refused).toHaveLength(3);
    expect(begun).toBeGreaterThan(0);
  });

  test('refuse text that is no cursor, and are no queries over HTTP', async () => {
    const { edge, trpc } = await start();
    const codes: unknown[] = [];
    trpc.logs.streamAll.subscribe({ cursor: 'AAAA' }, { onError: (error) => codes.push(error.data?.code) });
    await expect.poll(() => codes).toEqual(['invalid_request']);
    const answer = await edge.fetch('/trpc/logs.streamAll');
    expect(answer.status).toBe(405);
  });

  test('answer a search as one page', async () => {
    const { edge } = await start();
    const { node } = await nodeWithLog(edge, 3);
    const page = await stockHttpClient(edge.url).logs.search.query({ q: 'LINE 2' });
    expect(page).toMatchObject({
      complete: true,
      scannedNodes: 1,
      hits: [{ nodeId: node.id, highlights: [[0, 6]] }],
    });
  });
});

describe('the live list of nodes', () => {
  const changed = (edge: ServerEdge, id: string, change: object) => {
    const node = edge.launches.nodes.get(id);
    if (node === undefined) throw new Error('no such node');
    edge.launches.nodes.set(id, { ...node, ...change, updatedAt: new Date().toISOString() });
  };

  function summaryOf(events: NodeWatchEvent[]): string[] {
    return events.map((event) => {
      if (event.type === 'snapshot') return `snapshot ${event.nodes.length}`;
      if (event.type === 'node') return `${event.node.id} ${event.node.status} ${event.node.progress}`;
      if (event.type === 'window') return `window ${event.nodeIds.length}`;
      return event.type === 'gone' ? `${event.nodeId} gone` : event.notice.code;
    });
  }

  test('is a snapshot, then each change, and reports a node that no longer matches', async () => {
    const { edge, trpc } = await start();
    const node = edge.launches.add();
    const events: NodeWatchEvent[] = [];
    trpc.nodes.watch.subscribe({ status: ['launching'] }, { onData: ({ data }) => events.push(data) });
    await expect.poll(() => summaryOf(events)).toEqual(['snapshot 1']);
    changed(edge, node.id, { progress: 40 });
    await expect.poll(() => summaryOf(events)).toContain(`${node.id} launching 40`);
    changed(edge, node.id, { status: 'terminated' });
    edge.watch.nudge();
    await expect.poll(() => summaryOf(events)).toContain(`${node.id} gone`);
    const next = edge.launches.add({ updatedAt: new Date().toISOString() });
    await expect.poll(() => summaryOf(events)).toContain(`${next.id} launching 12`);
    changed(edge, node.id, { progress: 41 });
    changed(edge, next.id, { progress: 50 });
    await expect.poll(() => summaryOf(events)).toContain(`${next.id} launching 50`);
    expect(summaryOf(events).filter((text) => text.endsWith('gone'))).toHaveLength(1);
  });

  test('reports what changed while the connection was lost, without a new snapshot', async () => {
    const { edge, trpc, sockets } = await start();
    const node = edge.launches.add();
    const events: NodeWatchEvent[] = [];
    trpc.nodes.watch.subscribe({}, { onData: ({ data }) => events.push(data) });
    await expect.poll(() => summaryOf(events)).toEqual(['snapshot 1']);
    changed(edge, node.id, { progress: 60 });
    sockets.at(-1)?.terminate();
    await expect.poll(() => summaryOf(events)).toContain(`${node.id} launching 60`);
    expect(summaryOf(events).filter((text) => text.startsWith('snapshot'))).toHaveLength(1);
  });

  test('asks the registry once in a while for all who watch, and not at all for nobody', async () => {
    const { edge } = await start();
    const clients = [1, 2, 3].map(() => stockSocketClient({ url: edge.url }));
    for (const { trpc } of clients) trpc.nodes.watch.subscribe({}, {});
    await expect.poll(() => edge.watch.listeners).toBe(3);
    for (const client of clients) await client.close();
    await expect.poll(() => edge.watch.listeners).toBe(0);
  });
});
