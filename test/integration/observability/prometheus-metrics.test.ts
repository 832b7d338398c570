import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RedisServer } from '../../support/backing-service/redis-server.js';
import { SseReader } from '../../support/client/server-sse-reader.js';
import { AppProcess } from '../../support/server/app-process.js';
import { eventually } from '../../support/within.js';

const run = promisify(execFile);
const OPERATIONS = fileURLToPath(new URL('../../../docs/operations/', import.meta.url));
const METRICS_TOKEN = 'a-token-for-prometheus-alone';
const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'a/b' };
const SERIES_MAX = 120;

const panelsSchema = z.object({
  panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })).default([]) })),
});

/** Names of metrics in expressions, as Prometheus would look them up. */
function namesIn(text: string): string[] {
  return [...new Set(text.match(/\b(?:launchlog|nodejs|process)_[a-z0-9_]+/g) ?? [])];
}

describe('the metrics of a server that has launched', () => {
  let redis: RedisServer;
  let app: AppProcess;
  let text = '';
  let folder = '';
  const nodeIds: string[] = [];

  const scrape = () => fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  /** A page that was rendered after this call: the server renders one at most once a second. */
  const nextPage = async () => {
    const shown = await (await scrape()).text();
    return eventually('the next page of metrics', async () => {
      const page = await (await scrape()).text();
      return page !== shown && page;
    });
  };
  const launch = async (changes: object) => {
    const response = await app.fetch('/admin/nodes/launch', {
      method: 'POST',
      body: JSON.stringify({ ...LAUNCH, ...changes }),
    });
    const { node_id: id } = (await response.json()) as { node_id: string };
    nodeIds.push(id);
    return id;
  };
  const read = async (id: string) => {
    const headers = { 'X-Admin-Token': app.token };
    return SseReader.open(`${app.url}/admin/nodes/${id}/logs/stream`, headers);
  };
  const value = (line: RegExp) => Number(new RegExp(`^${line.source} (\\S+)$`, 'm').exec(text)?.[1]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'launchlog-metrics-'));
    redis = await RedisServer.start();
    app = await AppProcess.start({ REDIS_URL: redis.url, SIMULATOR_SPEED: '200', METRICS_TOKEN });
    const ids = [await launch({}), await launch({ simulator_scenario: 'quota' })];
    const readers = await Promise.all(ids.map(read));
    for (const reader of readers) await reader.until(({ event }) => event === 'done');
    await fetch(`${app.url}/admin/nodes/${ids[0]}`, { headers: { 'x-admin-token': 'wrong' } });
    const budget = { name: 'chat', deployment_id: 'chat', max_hourly_cost: 1_000 };
    await app.fetch('/admin/budgets', { method: 'POST', body: JSON.stringify(budget) });
    text = await eventually('the archives', async () => {
      const page = await (await scrape()).text();
      return /^launchlog_archived_logs_total 2$/m.test(page) && page;
    });
  }, 120_000);
  afterAll(async () => {
    await app.close();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('are for the holder of METRICS_TOKEN where that is set, and the admin token does not open them', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${app.url}/metrics`, { headers });
    const answers = await Promise.all([
      ask({}),
      ask({ authorization: `Bearer ${METRICS_TOKEN}x` }),
      ask({ authorization: `Bearer ${app.token}` }),
      ask({ 'x-admin-token': app.token }),
      ask({ authorization: `Basic ${METRICS_TOKEN}` }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    for (const answer of answers) expect(await answer.text()).not.toContain('launchlog_');
    expect((await scrape()).headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('count launches by outcome and reason, and the time in each phase', () => {
    const ended = String.raw`launchlog_launches_ended_total\{provider="aws",orchestrator="simulated",`;
    expect(value(new RegExp(`${ended}outcome="succeeded",reason="none"\\}`))).toBe(1);
    expect(value(new RegExp(`${ended}outcome="failed",reason="quota"\\}`))).toBe(1);
    for (const phase of [
      'queued',
      'provisioning',
      'instance_ready',
      'installing',
      'model_loading',
      'health_check',
    ]) {
      const labels = `orchestrator="simulated",outcome="succeeded",phase="${phase}"`;
      expect(value(new RegExp(`launchlog_phase_duration_seconds_count\\{${labels}\\}`))).toBe(1);
    }
    expect(value(/launchlog_launches_running\{phase="queued"\}/)).toBe(0);
  });

  it('count entries as they are appended and delivered, once a reader, and how late', async () => {
    const logs = await Promise.all(nodeIds.map((id) => app.fetch(`/admin/nodes/${id}/logs?tail=10000`)));
    const counts = await Promise.all(
      logs.map(async (log) => ((await log.json()) as { count: number }).count),
    );
    const entries = counts.reduce((sum, count) => sum + count, 0);
    expect(value(/launchlog_entries_appended_total/)).toBe(entries);
    const live = value(/launchlog_entries_delivered_total\{way="live"\}/);
    expect(live + value(/launchlog_entries_delivered_total\{way="history"\}/)).toBe(entries);
    // On a busy machine, all of a launch may have been printed before its reader is there.
    expect(value(/launchlog_delivery_lag_seconds_count/) > 0).toBe(live > 0);
    expect(value(/launchlog_delivery_lag_seconds_sum/)).toBeLessThan(60);
    expect(value(/launchlog_streams_ended_total\{reason="done"\}/)).toBe(2);
  });

  it('count requests by the pattern of the route, and streams apart from what should be quick', () => {
    const requests = (labels: string) => value(new RegExp(`launchlog_http_requests_total\\{${labels}\\}`));
    expect(requests('method="POST",route="/admin/nodes/launch",status="202"')).toBe(2);
    expect(requests('method="GET",route="/admin/nodes/:id",status="401"')).toBe(1);
    expect(requests('method="GET",route="/admin/nodes/:id/logs/stream",status="200"')).toBe(2);
    expect(text).not.toMatch(/launchlog_http_request_seconds_count\{[^}]*stream/);
  });

  it('show what each budget allows and what runs in it', () => {
    const labels = String.raw`\{budget="chat",id="[0-9a-f-]{36}"\}`;
    expect(value(new RegExp(`launchlog_budget_limit_dollars_per_hour${labels}`))).toBe(1_000);
    expect(value(new RegExp(`launchlog_budget_cost_dollars_per_hour${labels}`))).toBe(0);
    expect(value(/launchlog_budgets\{level="within"\}/)).toBe(1);
  });

  it('describe Redis and the process', () => {
    expect(value(/launchlog_redis_memory_used_bytes/)).toBeGreaterThan(100_000);
    expect(value(/launchlog_redis_round_trip_seconds/)).toBeLessThan(5);
    expect(value(/launchlog_metrics_source_up\{source="redis"\}/)).toBe(1);
    expect(value(/process_resident_memory_bytes/)).toBeGreaterThan(10_000_000);
    expect(value(/nodejs_eventloop_lag_p99_seconds/)).toBeGreaterThanOrEqual(0);
  });

  it('name no node, no cluster and no secret, and have few series', () => {
    for (const id of nodeIds) {
      expect(text).not.toContain(id);
      expect(text).not.toContain(id.slice(0, 6));
    }
    expect(text).not.toContain(app.token);
    expect(text).not.toContain(METRICS_TOKEN);
    const series = new Map<string, number>();
    for (const line of text.split('\n')) {
      const name = /^(launchlog_[a-z_]+)/.exec(line)?.[1];
      if (name !== undefined) series.set(name, (series.get(name) ?? 0) + 1);
    }
    expect([...series].filter(([, count]) => count > SERIES_MAX)).toEqual([]);
  });

  it('do not grow with what strangers make up', async () => {
    const seriesOf = (page: string) =>
      page.split('\n').filter((line) => line.startsWith('launchlog_http_requests_total')).length;
    for (const path of [
      '/admin/a',
      '/admin/b/c',
      '/wp-login.php',
      '/admin/nodes/../x',
      '/admin/nodes/one/two/three',
    ]) {
      for (const method of ['GET', 'PUT', 'PROPFIND']) await fetch(app.url + path, { method });
    }
    const before = seriesOf(await nextPage());
    for (const path of ['/admin/d', '/admin/e/f', '/x/y/z', '/admin/nodes/four/five/six']) {
      for (const method of ['GET', 'MKCOL', 'REPORT']) await fetch(app.url + path, { method });
    }
    expect(seriesOf(await nextPage())).toBe(before);
  });

  it('satisfy promtool', async () => {
    const own = text
      .split('\n')
      .filter((line) => /^(?:# (?:HELP|TYPE) )?launchlog_/.test(line))
      .join('\n');
    const child = run('promtool', ['check', 'metrics']);
    child.child.stdin?.end(`${own}\n`);
    await expect(child).resolves.toMatchObject({ stdout: '', stderr: '' });
  });

  it('hold every name that the alert rules use, and promtool understands the rules', async () => {
    const path = join(OPERATIONS, 'alerts.yml');
    const { stdout } = await run('promtool', ['check', 'rules', path]);
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
    const names = namesIn(await readFile(path, 'utf8'));
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !new RegExp(`^${name}[{ ]`, 'm').test(text))).toEqual([]);
  });

  it('hold every name that the dashboard uses, and promtool understands its expressions', async () => {
    const dashboard = panelsSchema.parse(
      JSON.parse(await readFile(join(OPERATIONS, 'dashboard.json'), 'utf8')),
    );
    const expressions = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(30);
    const names = namesIn(expressions.join('\n'));
    expect(names.filter((name) => !new RegExp(`^${name}[{ ]`, 'm').test(text))).toEqual([]);
    const rules = expressions.map((expr, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*'),
    }));
    const path = join(folder, 'dashboard-rules.yml');
    await writeFile(path, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { stdout } = await run('promtool', ['check', 'rules', path]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  });

  it('leave out what Redis would say while it is away, and say that it is', async () => {
    await redis.kill();
    let away = '';
    await expect
      .poll(async () => (away = await (await scrape()).text()))
      .toMatch(/^launchlog_metrics_source_up\{source="redis"\} 0$/m);
    expect(away).not.toMatch(/^launchlog_redis_memory_used_bytes /m);
    expect(away).toMatch(/^launchlog_metrics_source_up\{source="database"\} 1$/m);
  });
});

describe('the metrics of a server without METRICS_TOKEN', () => {
  it('are open', async () => {
    const app = await AppProcess.start();
    try {
      const response = await fetch(`${app.url}/metrics`);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('launchlog_sockets 0');
    } finally {
      await app.close();
    }
  }, 60_000);
});
