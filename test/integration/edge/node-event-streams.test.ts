import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLaunchlogClient } from '@launchlog/sdk';
import type { LaunchlogClient } from '@launchlog/sdk';
import { runCli } from '../../support/process/cli-run.js';
import { AppProcess } from '../../support/server/app-process.js';
import { eventually, within } from '../../support/within.js';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'm' } as const;
let app: AppProcess;
let client: LaunchlogClient;

beforeAll(async () => {
  app = await AppProcess.start({ SIMULATOR_SPEED: '1000', WATCH_INTERVAL_SECONDS: '0.5' });
  client = createLaunchlogClient({ url: app.url, token: app.token });
});
afterAll(async () => {
  await client.close();
  await app.close();
});

/** Reads server-sent events until one of this kind. */
async function readUntil(response: Response, kind: string): Promise<{ ids: string[]; kinds: string[] }> {
  const [ids, kinds]: [string[], string[]] = [[], []];
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const each of frames) {
      const data = /^data: (.*)$/m.exec(each)?.[1];
      if (!each.startsWith('event: event') || data === undefined) continue;
      ids.push(/^id: (.*)$/m.exec(each)?.[1] ?? '');
      kinds.push((JSON.parse(data) as { kind: string }).kind);
    }
    if (kinds.at(-1) === kind) break;
  }
  return { ids, kinds };
}

test('SSE, tRPC and pages have the same story, and each continues after a cursor', async () => {
  const { node } = await client.nodes.launch(LAUNCH);
  const path = `/admin/nodes/${node.id}/events`;
  const live = app.fetch(`${path}/stream`).then((response) => readUntil(response, 'terminated'));
  const items: string[] = [];
  let cursor = '';
  const streamed = (async () => {
    for await (const item of client.nodes.eventsStream(node.id)) {
      if (item.type !== 'event') continue;
      items.push(item.event.kind);
      if (item.event.seq === 2) cursor = item.cursor;
      if (item.event.kind === 'health') await client.nodes.terminate(node.id);
      if (item.event.kind === 'terminated') return;
    }
  })();
  const { kinds, ids } = await within('the life over SSE', live);
  await within('the life over tRPC', streamed);
  const story = ['launched', 'attempt', 'active', 'health', 'terminating', 'terminated'];
  expect(kinds).toEqual(story);
  expect(items).toEqual(story);
  expect(ids[1]).toBe(cursor);
  const rest = await readUntil(
    await app.fetch(`${path}/stream`, { headers: { 'Last-Event-ID': cursor } }),
    'terminated',
  );
  expect(rest.kinds).toEqual(story.slice(2));
  const page = (await (await app.fetch(`${path}?limit=4`)).json()) as {
    events: unknown[];
    next_cursor: string;
  };
  expect(page).toMatchObject({ count: 4, node_id: node.id, next_cursor: ids[3] });
  const all: string[] = [];
  for await (const { kind } of client.nodes.events(node.id, { limit: 2 })) all.push(kind);
  expect(all).toEqual(story);
});

test('a wrong cursor and an unknown node are refused on every way', async () => {
  const { node } = await client.nodes.launch(LAUNCH);
  for (const end of ['events', 'events/stream']) {
    expect((await app.fetch(`/admin/nodes/${node.id}/${end}?cursor=nope`)).status).toBe(400);
    expect((await app.fetch(`/admin/nodes/nope/${end}`)).status).toBe(404);
  }
  await expect(client.nodes.events('nope')).rejects.toMatchObject({ code: 'node_not_found' });
});

test('the output of a running node comes over SSE, tRPC and the command line, and is refused without one', async () => {
  const { node } = await client.nodes.launch(LAUNCH);
  const path = `/admin/nodes/${node.id}/runtime-logs/stream`;
  await eventually('the launch', async () => (await client.nodes.get(node.id)).status === 'active');
  const sse = await (await app.fetch(`${path}?tail=2&follow=false`)).text();
  expect(sse.match(/^event: .*$/gm)).toEqual(['event: line', 'event: line', 'event: done']);
  const messages: string[] = [];
  for await (const event of client.nodes.runtimeLogs(node.id, { tail: 2 })) {
    if (event.type === 'line') messages.push(event.line.message);
    if (messages.length === 3) break;
  }
  expect(messages[2]).toContain('GET /health');
  expect(sse).toContain(messages[0]);
  const environment = { LAUNCHLOG_URL: app.url, LAUNCHLOG_TOKEN: app.token };
  const cli = await runCli(['logs', '--runtime', '-n', '2', node.id], { environment });
  expect(cli.stdout).toContain(messages[1]);
  await client.nodes.terminate(node.id);
  const late = await app.fetch(path);
  expect([late.status, await late.json()]).toMatchObject([409, { error: { code: 'conflict' } }]);
  const refused = await app.fetch(`${path}?tail=0`);
  expect([refused.status, JSON.stringify(await refused.json())]).toEqual([
    400,
    expect.stringContaining('tail'),
  ]);
});
