import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLaunchlogClient, type LaunchlogClient } from '@launchlog/sdk';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { SseReader } from '../../support/client/server-sse-reader.js';
import { AppProcess } from '../../support/server/app-process.js';
import { eventually } from '../../support/within.js';

const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'a/b' } as const;
/** 21.6 s: long enough for the server to restart and take the launch over before the log expires. */
const LOG_TTL_HOURS = '0.006';
const LEASE_SECONDS = '2';

describe('logs that have expired, on a server that was killed and restarted', () => {
  let app: AppProcess;
  let client: LaunchlogClient;
  let nodeId = '';
  let entries: readonly LogEntry[] = [];
  let epoch = '';

  const get = async (path: string) => (await app.fetch(path)).json() as Promise<Record<string, unknown>>;
  const metric = async (name: string) => {
    const text = await (await app.fetch('/metrics')).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  beforeAll(async () => {
    app = await AppProcess.start({ LOG_TTL_HOURS, LEASE_SECONDS, SIMULATOR_SPEED: '300' });
    client = createLaunchlogClient({ url: app.url, token: app.token });
    nodeId = (await client.launch(LAUNCH)).node.id;
    for await (const event of client.followLog(nodeId)) if (event.type === 'done') break;
    // In the moment in which the launch has ended.
    await app.down('SIGKILL');
    await app.up();
    const page = await client.logs(nodeId, { tail: 10_000 });
    entries = page.logs;
    epoch = page.nextCursor.split(':')[0] ?? '';
    await eventually('a read from the archive', async () => {
      await get(`/admin/nodes/${nodeId}/logs?tail=1`);
      return (await metric('launchlog_archive_reads_total')) >= 1;
    });
  }, 120_000);
  afterAll(async () => {
    await client.close();
    await app.close();
  });

  it('are the same as JSON, by SDK and page by page', async () => {
    expect(entries.length).toBeGreaterThan(20);
    expect(await get(`/admin/nodes/${nodeId}/logs?tail=10000`)).toMatchObject({ logs: entries });
    expect((await client.logs(nodeId, { tail: 10_000 })).logs).toEqual(entries);
    const page = await client.logs(nodeId, { cursor: `${epoch}:3`, limit: 4 });
    expect(page.logs).toEqual(entries.slice(3, 7));
    expect(page.gap ?? page.reset).toBeUndefined();
  });

  it('are the same as an event stream, which resumes by an old id and ends', async () => {
    const headers = { 'X-Admin-Token': app.token };
    const url = `${app.url}/admin/nodes/${nodeId}/logs/stream?tail=10000`;
    const fresh = await (await SseReader.open(url, headers)).until(({ event }) => event === 'done');
    const logs = fresh.filter(({ event }) => event === 'log').map(({ data }) => JSON.parse(data) as unknown);
    expect(logs).toEqual(entries);
    const resumed = await SseReader.open(url, { ...headers, 'Last-Event-ID': `${epoch}:5` });
    const rest = await resumed.until(({ event }) => event === 'done');
    expect(rest.filter(({ event }) => event === 'log')).toHaveLength(entries.length - 5);
    expect(rest.some(({ event }) => event === 'gap' || event === 'reset')).toBe(false);
    expect(rest.at(-1)?.id).toBe(`${epoch}:${entries.length}:done`);
    const ended = await SseReader.open(url, { ...headers, 'Last-Event-ID': rest.at(-1)?.id ?? '' });
    expect(ended.status).toBe(204);
  });

  it('are the same over the WebSocket', async () => {
    const followed: unknown[] = [];
    for await (const event of client.followLog(nodeId, { tail: 10_000 })) {
      if (event.type === 'log') followed.push(event.entry);
    }
    expect(followed).toEqual(entries);
  });

  it('are counted in the metrics of launches over REST, tRPC and the SDK', async () => {
    const metrics = await client.launchMetrics({ groupBy: ['gpu'] });
    expect(metrics.total).toMatchObject({ launches: 1, succeeded: 1, successRate: 1, simulated: 1 });
    expect(metrics.groups.map(({ group }) => group)).toEqual([{ gpu: 'A100' }]);
    const rest = await get('/admin/metrics/launches?group_by=gpu&provider=aws');
    expect(rest).toMatchObject({
      group_by: ['gpu'],
      total: { success_rate: 1, launch_seconds: metrics.total.launchSeconds },
      groups: [{ group: { gpu: 'A100' }, launches: 1 }],
    });
    expect(await get('/admin/metrics/launches?group_by=')).toMatchObject({ group_by: [], groups: [] });
    const usual = await client.usualPhases({ provider: 'aws', gpu: 'A100', orchestrator: 'simulated' });
    expect(usual).toMatchObject({ launches: 1 });
    expect(usual.phases[0]).toMatchObject({ phase: 'queued', samples: 1 });
    expect(await get('/admin/metrics/phases?provider=aws&gpu=A100')).toEqual(usual);
  });

  it.each([
    ['group_by=colour', /group_by.*must be one of provider/],
    ['since=yesterday', /invalid 'since' timestamp format \(expected RFC3339\)/],
    ['provider=moon', /provider/],
  ])('refuse metrics for %s with 400', async (query, message) => {
    const response = await app.fetch(`/admin/metrics/launches?${query}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { message: string } }).error.message).toMatch(message);
  });

  it('refuse metrics of launches without a token', async () => {
    expect((await fetch(`${app.url}/admin/metrics/launches`)).status).toBe(401);
  });
});
