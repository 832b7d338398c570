import { afterEach, describe, expect, test } from 'vitest';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import type { SseFrame } from '../../support/client/server-sse-reader.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN, type ServerEdge } from '../../support/server/server-edge.js';

const TOKEN = { 'X-Admin-Token': ADMIN_TOKEN };
const opened = new OpenedEdges();
const { open, read, start } = opened;

afterEach(() => opened.close());

async function nodeWithLog(edge: ServerEdge, entries: number, deploymentId = 'demo') {
  const node = edge.launches.add({ deploymentId });
  const writer = await edge.writer(node);
  open.push(writer);
  const write = async (text: string) => {
    writeLine(writer, text, { phase: 'provisioning', source: 'skypilot', progress: 12 });
    await writer.flush();
  };
  for (let number = 1; number <= entries; number += 1) await write(`line ${number}`);
  return { node, writer, write };
}

const PATH = '/admin/deployments/demo/logs/stream';
const isLog = (text: string) => (frame: SseFrame) =>
  frame.event === 'log' && dataOf(frame)['message'] === text;

function dataOf(frame: SseFrame): Record<string, unknown> {
  return JSON.parse(frame.data) as Record<string, unknown>;
}

function entriesOf(frames: readonly SseFrame[]): string[] {
  return frames
    .filter(({ event }) => event === 'log')
    .map((frame) => `${String(dataOf(frame)['node_id'])}:${String(dataOf(frame)['seq'])}`);
}

describe('the event stream of many nodes', () => {
  test('sends the entries of each node of the deployment with the node, each with an id', async () => {
    const edge = await start();
    const one = await nodeWithLog(edge, 2);
    const other = await nodeWithLog(edge, 1);
    await nodeWithLog(edge, 1, 'another');
    const reader = await read(edge, PATH);
    expect(reader.status).toBe(200);
    expect(reader.headers['content-type']).toBe('text/event-stream');
    await other.write('last');
    const frames = await reader.until(isLog('last'));
    expect(entriesOf(frames)).toEqual([
      `${one.node.id}:1`,
      `${one.node.id}:2`,
      `${other.node.id}:1`,
      `${other.node.id}:2`,
    ]);
    for (const frame of frames.filter(({ event }) => event === 'log')) expect(frame.id).toMatch(/^[\w-]+$/);
    for (const frame of frames.filter(({ event }) => event === 'status')) {
      // Each log begins with the state at its beginning, and its first entry changes it.
      const phase = expect.stringMatching(/^(?:queued|provisioning)$/) as string;
      expect(dataOf(frame)).toMatchObject({ node_id: expect.any(String) as string, phase });
    }
  });

  test('continues after Last-Event-ID, with nodes that have joined meanwhile', async () => {
    const edge = await start();
    const one = await nodeWithLog(edge, 3);
    const reader = await read(edge, PATH);
    const frames = await reader.until(isLog('line 2'));
    reader.close();
    const late = await nodeWithLog(edge, 1);
    edge.launches.nodes.set(late.node.id, { ...late.node, createdAt: new Date().toISOString() });
    const again = await read(edge, PATH, { ...TOKEN, 'Last-Event-ID': frames.at(-1)?.id ?? '' });
    await one.write('more');
    expect(entriesOf(await again.until(isLog('more'))).toSorted()).toEqual(
      [`${one.node.id}:3`, `${one.node.id}:4`, `${late.node.id}:1`].toSorted(),
    );
  });

  test('reports errors and the end of one node with its node, and stays open', async () => {
    const edge = await start();
    const { node, writer } = await nodeWithLog(edge, 1);
    const reader = await read(edge, '/admin/logs/stream');
    await reader.until(isLog('line 1'));
    writeLine(writer, 'it broke', {
      level: 'error',
      phase: 'failed',
      source: 'orchestrator',
      details: { reason: 'quota' },
    });
    const frames = await reader.until(({ event }) => event === 'done');
    expect(frames.map(({ event }) => event)).toEqual(['status', 'log', 'status', 'error', 'done']);
    for (const frame of frames) expect(dataOf(frame)['node_id']).toBe(node.id);
    expect(dataOf(frames[4] as SseFrame)).toMatchObject({ status: 'failed', reason: 'quota' });
    const next = await nodeWithLog(edge, 1);
    edge.launches.nodes.set(next.node.id, { ...next.node, createdAt: new Date().toISOString() });
    edge.watch.nudge();
    await next.write('of the next one');
    expect(await reader.until(isLog('of the next one'))).not.toEqual([]);
  });

  test('ends without following with what there is', async () => {
    const edge = await start();
    await nodeWithLog(edge, 5);
    const frames = await (await read(edge, `${PATH}?follow=false&tail=3`)).toEnd();
    expect(entriesOf(frames)).toHaveLength(3);
    expect(frames.at(-1)).toMatchObject({ event: 'end' });
  });

  test('refuses what it cannot do before the stream begins', async () => {
    const edge = await start();
    const statusOf = async (path: string, headers = TOKEN as Record<string, string>) =>
      (await read(edge, path, headers)).status;
    expect(await statusOf(PATH, {})).toBe(401);
    expect(await statusOf(`${PATH}?ticket=abc`, {})).toBe(401);
    expect(await statusOf(`${PATH}?cursor=AAAA`)).toBe(400);
    expect(await statusOf(PATH, { ...TOKEN, 'Last-Event-ID': 'not a cursor' })).toBe(400);
    expect(await statusOf(`${PATH}?regex=(`)).toBe(400);
    expect(await statusOf('/admin/deployments/%20/logs/stream')).toBe(400);
    expect(await statusOf('/admin/deployments/%E0%A4%A/logs/stream')).toBe(400);
  });

  test('sends heartbeats, and asks its readers to reconnect when the server stops', async () => {
    const edge = await start({ heartbeatMs: 50 });
    await nodeWithLog(edge, 1);
    const reader = await read(edge, PATH);
    expect(entriesOf(await reader.until(isLog('line 1')))).toHaveLength(1);
    await reader.untilComment('heartbeat');
    await edge.server.close();
    expect(entriesOf(await reader.toEnd())).toEqual([]);
  });
});
