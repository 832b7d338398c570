import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { LaunchMetricsReader } from '@launchlog/server/metrics/launch-metrics';
import type { LaunchMetricsGroup } from '@launchlog/shared/launch-metrics';
import type { AxeResults, RunOnly, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser/browser.js';
import { ConsoleEdge } from '../support/browser/console-edge.js';
import { signIn } from '../support/browser/console-session.js';
import { writeLine } from '../support/log/write-line.js';

const spread = { samples: 4, average: 300, p50: 290, p95: 400 };
const group: LaunchMetricsGroup = {
  group: { gpu: 'A100' },
  launches: 6,
  running: 1,
  succeeded: 4,
  failed: 1,
  cancelled: 0,
  simulated: 6,
  successRate: 0.8,
  failureReasons: [{ reason: 'quota', launches: 1 }],
  launchSeconds: spread,
  phases: [{ phase: 'provisioning', ...spread }],
  costUntilActive: { ...spread, total: 1_200 },
};
const thisHour = `${new Date().toISOString().slice(0, 13)}:00Z`;
const launchMetrics: LaunchMetricsReader = {
  launches: ({ groupBy }) => {
    const groups = [{ ...group, group: groupBy[0] === 'hour' ? { hour: thisHour } : { gpu: 'A100' } }];
    return Promise.resolve({ groupBy: [...groupBy], total: group, groups, truncated: false });
  },
  phases: () => Promise.resolve({ launches: 4, phases: group.phases }),
};

let edge: ConsoleEdge;
let browser: Browser;
let axe: string;
const paths = { running: '', active: '', failed: '' };

beforeAll(async () => {
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  [edge, browser] = await Promise.all([ConsoleEdge.start({ launchMetrics }), Browser.open()]);
  const attempts = [
    {
      cloud: 'AWS',
      zone: 'us-west-2a',
      price: 9.8,
      outcome: 'failed',
      reason: 'no_capacity',
      message: 'none left',
    },
    { cloud: 'AWS', zone: 'us-west-2b', price: 9.8, outcome: 'won' },
  ] as const;
  const common = { attempts: [...attempts], deploymentId: 'chat-prod', pricePerHour: 9.8 };
  const running = await edge.addNode(60, { ...common, stalled: true, eta: { seconds: 90, samples: 12 } });
  for (const code of [30, 31, 32, 33, 34, 35, 36, 37, 90, 91, 92, 93, 94, 95, 96, 97]) {
    writeLine(running.writer, `\u001b[${code}mcolour ${code}\u001b[0m \u001b[2mdim\u001b[0m`, {
      phase: 'installing',
      source: 'instance',
      details: { code },
    });
  }
  await running.writer.flush();
  const active = await edge.addNode(3, {
    ...common,
    status: 'active',
    phase: 'active',
    progress: 100,
    endpoint: 'http://127.0.0.1:8000',
  });
  const failed = await edge.addNode(3, {
    ...common,
    status: 'failed',
    phase: 'failed',
    failureReason: 'quota',
    failureMessage: 'The quota is used up.',
    hint: 'Ask for more quota.',
    evidence: { seq: 2, lines: ['one', 'two'] },
    phaseSeconds: { queued: 1, provisioning: 20 },
  });
  const budget = { name: 'chat', deployment_id: 'chat-prod', max_hourly_cost: 20 };
  await fetch(`${edge.address.url}/admin/budgets`, {
    method: 'POST',
    headers: { 'X-Admin-Token': edge.address.token },
    body: JSON.stringify(budget),
  });
  paths.running = `/nodes/${running.node.id}`;
  paths.active = `/nodes/${active.node.id}`;
  paths.failed = `/nodes/${failed.node.id}`;
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

const EVERY_RULE: RunOnly = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};
/** The dark theme is the same page in other colours: `tokens.css` switches with `light-dark()`, which holds colours alone. */
const COLOUR_RULES: RunOnly = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** Violations of WCAG 2.2 level AA in both themes, as far as a machine can detect them. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await broken(page, COLOUR_RULES);
  await page.emulateMedia({ colorScheme: 'light' });
  return [...dark.map((each) => `dark: ${each}`), ...(await broken(page, EVERY_RULE))];
}

async function broken(page: Page, runOnly: RunOnly): Promise<string[]> {
  return page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    const results = await axe.run({ runOnly: rules, resultTypes: ['violations'] });
    return results.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    );
  }, runOnly);
}

describe('in both themes axe finds no violation on', () => {
  let signedIn: Page;
  beforeAll(async () => {
    signedIn = await browser.newPage();
    await signIn(signedIn, edge.address);
  });

  test('the sign-in page', async () => {
    const page = await browser.newPage();
    await page.goto(edge.address.url);
    await page.getByLabel('Admin token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test.each([
    ['the list of nodes', () => '/?status=launching', 'tbody tr'],
    ['a running launch', () => `${paths.running}?q=line#L60`, '.log-anchored'],
    ['an active node', () => paths.active, '.banner-success'],
    ['a failed launch', () => paths.failed, '.banner-error'],
    ['the merged log', () => '/logs', '.log-row'],
    ['a deployment', () => '/deployments/chat-prod', '.log-row'],
    ['the metrics', () => '/launch-metrics?by=gpu&window=1d', '.time-plot rect'],
    ['the search in logs', () => '/search?q=line', '.found-line'],
    ['what can be searched for', () => '/search', '.empty-command'],
    ['the audit trail', () => '/settings/audit', 'tbody tr'],
    ['the sessions', () => '/settings/sessions', 'tbody tr'],
    ['the budgets', () => '/settings/budgets', 'tbody tr'],
    ['the strays', () => '/settings/strays', 'tbody tr'],
    ['an unknown page', () => '/nothing', 'h1'],
  ])('%s', async (_, path, ready) => {
    await signedIn.goto(edge.address.url + path());
    await signedIn.locator(ready).first().waitFor();
    expect(await violations(signedIn)).toEqual([]);
  });

  test('a list that moves nothing for people who want it still, and pulses for the others', async () => {
    const page = await browser.newPage();
    await signIn(page, edge.address);
    const dot = page.locator('.pill-launching .pill-dot').first();
    const animation = () => dot.evaluate((element) => getComputedStyle(element).animationName);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await animation()).toBe('none');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await animation()).toBe('pulse');
    expect(await violations(page)).toEqual([]);
  });

  test('the launch form with an invalid field, and the list of shortcuts', async () => {
    const page = signedIn;
    await page.goto(edge.address.url);
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('c');
    await page.getByText('More settings').click();
    await page.getByLabel('Region', { exact: true }).fill('not a region');
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+K');
    await page.getByRole('dialog').getByRole('option').first().waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('a list of saved searches, and nodes that a number of the metrics leads to', async () => {
    const page = signedIn;
    await page.goto(`${edge.address.url}/launch-metrics?by=gpu&window=1d`);
    await page
      .getByRole('region', { name: 'Numbers by hour' })
      .getByRole('link', { name: '1', exact: true })
      .click();
    await page.getByRole('button', { name: /^Launched since .*: remove$/ }).waitFor();
    const search = new URL(page.url()).searchParams;
    expect(search.get('status')).toBe('failed');
    const reach = Date.parse(search.get('until') ?? '') - Date.parse(search.get('since') ?? '');
    expect(reach).toBe(3_600_000);
    await page.locator('summary', { hasText: 'Saved searches' }).click();
    await page.getByLabel('Save this search as').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto(`${edge.address.url}/launch-metrics?by=gpu&window=1d`);
    await page.getByRole('region', { name: 'Failure causes' }).getByRole('link').first().click();
    await expect.poll(() => new URL(page.url()).searchParams.get('reason')).toBe('quota');
  });

  test.each([
    ['/', '.nodes-table tbody tr'],
    ['/settings/budgets', 'tbody tr'],
    ['/settings/strays', 'h1'],
    ['/settings/audit', 'tbody tr'],
    ['/launch-metrics?by=gpu&window=1d', '.time-plot rect'],
    ['/search?q=line', '.found-line'],
  ])('%s on a phone, which nothing is wider than', async (path, ready) => {
    const page = await browser.newTab(signedIn);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(edge.address.url + path);
    await page.locator(ready).first().waitFor();
    expect(await violations(page)).toEqual([]);
    const wider = await page
      .locator('main')
      .evaluate((main) =>
        [main, ...main.querySelectorAll('.page > *, .plot, .tabs')]
          .filter((each) => each.getBoundingClientRect().right > 390)
          .map((each) => `${each.tagName} ${each.className}`),
      );
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(wider).toEqual([]);
    await page.close();
  });

  test('a narrow screen, on which nothing is cut off', async () => {
    const page = await browser.newTab(signedIn);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(edge.address.url + paths.running);
    await page.locator('.log-row').first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    // The log scrolls, and the page around it does not.
    const main = page.locator('main');
    const canScroll = () => main.evaluate((element) => element.scrollHeight - element.clientHeight > 1);
    expect(await canScroll()).toBe(false);
    await page.getByRole('button', { name: 'Details', exact: true }).click();
    await page.getByRole('heading', { name: 'Attempts' }).waitFor();
    expect(await page.getByRole('log').isVisible()).toBe(false);
    await expect.poll(canScroll).toBe(true);
    expect(await violations(page)).toEqual([]);
    for (const path of [paths.running, '/logs']) {
      await page.goto(edge.address.url + path);
      for (const menu of ['Phase', 'Source']) {
        await page.locator('summary', { hasText: menu }).click();
        const panel = await page.locator('.menu[open] .menu-panel').boundingBox();
        expect(panel?.x).toBeGreaterThanOrEqual(0);
        expect((panel?.x ?? 0) + (panel?.width ?? 0)).toBeLessThanOrEqual(360);
      }
    }
  });
});
