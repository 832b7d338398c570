import { afterEach, describe, expect, test } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { MergedFollowEvent, NodeChange } from '@launchlog/sdk';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import { writeLine } from '../../support/log/write-line.js';
import { ADMIN_TOKEN, type ServerEdge } from '../../support/server/server-edge.js';

const opened = new OpenedEdges();
const { open } = opened;
afterEach(() => opened.close());

async function start() {
  const edge = await opened.start();
  const client = createLaunchlogClient({ url: edge.url, token: ADMIN_TOKEN });
  open.push(client);
  return { edge, client };
}

async function nodeWithLog(edge: ServerEdge, messages: readonly string[]) {
  const node = edge.launches.add({ deploymentId: 'demo' });
  const writer = await edge.writer(node);
  open.push(writer);
  for (const message of messages) writeLine(writer, message, { phase: 'provisioning', source: 'skypilot' });
  await writer.flush();
  return node;
}

describe('the SDK over many nodes', () => {
  test('reads a deployment to its end with follow: false, and resumes from a cursor', async () => {
    const { edge, client } = await start();
    await nodeWithLog(edge, ['a', 'b']);
    await nodeWithLog(edge, ['c']);
    const events: MergedFollowEvent[] = [];
    for await (const event of client.followDeployment('demo', { follow: false })) events.push(event);
    const entries = events.filter(({ type }) => type === 'log');
    expect(entries).toHaveLength(3);
    expect(events.at(-1)?.type).toBe('end');
    const again: MergedFollowEvent[] = [];
    const cursor = entries[0]?.cursor ?? '';
    for await (const event of client.followDeployment('demo', { follow: false, cursor })) again.push(event);
    expect(again.filter(({ type }) => type === 'log')).toHaveLength(2);
  });

  test('follows all nodes until the signal aborts', async () => {
    const { edge, client } = await start();
    await nodeWithLog(edge, ['a']);
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const event of client.followAll({ signal: stop.signal })) {
      seen.push(event.type);
      if (event.type === 'log') stop.abort();
    }
    expect(seen).toContain('log');
    await expect.poll(() => edge.merged.size).toBe(0);
  });

  test('watches nodes until the loop is left', async () => {
    const { edge, client } = await start();
    const node = await nodeWithLog(edge, ['a']);
    const changes: NodeChange[] = [];
    for await (const change of client.watchNodes()) {
      changes.push(change);
      break;
    }
    expect(changes[0]).toMatchObject({ type: 'snapshot', nodes: [{ id: node.id }] });
    await expect.poll(() => edge.watch.listeners).toBe(0);
  });

  test('throws the error of the server', async () => {
    const { client } = await start();
    const refused = async () => {
      for await (const event of client.followAll({ cursor: 'AAAA' })) void event;
    };
    await expect(refused()).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('searches and exports', async () => {
    const { edge, client } = await start();
    const node = await nodeWithLog(edge, ['needle', 'hay']);
    expect(await client.search({ q: 'NEEDLE' })).toMatchObject({
      complete: true,
      hits: [{ nodeId: node.id }],
    });
    for (const format of ['text', 'csv', 'json', 'ndjson'] as const) {
      let text = '';
      for await (const piece of client.exportLog(node.id, { format })) text += piece;
      expect(text).toContain('needle');
      expect(text).toContain('hay');
    }
  });
});
