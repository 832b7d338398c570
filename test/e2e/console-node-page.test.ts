import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { Node } from '@launchlog/shared/node';
import { Browser } from '../support/browser/browser.js';
import { ConsoleEdge, draftLine } from '../support/browser/console-edge.js';
import { scrollToBeginning, signIn } from '../support/browser/console-session.js';

const HOUR_MS = 3_600_000;

let edge: ConsoleEdge;
let browser: Browser;

beforeAll(async () => {
  [edge, browser] = await Promise.all([ConsoleEdge.start(), Browser.open()]);
});
afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const ACTIVE = (): Partial<Node> => ({
  status: 'active',
  phase: 'active',
  progress: 100,
  endpoint: 'http://127.0.0.1:8000',
  attempts: [
    { cloud: 'AWS', zone: 'us-west-2a', outcome: 'failed', reason: 'no_capacity' },
    { cloud: 'AWS', zone: 'us-west-2b', outcome: 'won', price: 12 },
  ],
  pricePerHour: 12,
  phaseSeconds: { queued: 1, provisioning: 59, instance_ready: 1, installing: 60, model_loading: 30 },
  createdAt: ago(HOUR_MS / 12 + 60_000),
  createdBy: 'ada@example.com',
  endedAt: ago(60_000),
});

async function openNode(node: Node, aheadMs = 0): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript((ahead) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ahead;
  }, aheadMs);
  await signIn(page, edge.address, `/nodes/${node.id}`);
  await page.locator('.log-foot').waitFor();
  return page;
}

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

const fact = (page: Page, name: string) =>
  page
    .locator('.facts > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd');

describe('the page of a node', () => {
  test('names who launched it, and counts cost and durations by the server’s clock: a computer an hour ahead shows the same', async () => {
    const { node } = await edge.addNode(3, ACTIVE());
    for (const aheadMs of [0, HOUR_MS, -HOUR_MS]) {
      const page = await openNode(node, aheadMs);
      await expect.poll(() => fact(page, 'Launched by').innerText()).toBe('ada@example.com');
      // Five minutes at twelve dollars an hour.
      await expect.poll(() => fact(page, 'Cost').innerText()).toMatch(/^\$1\.[01]\d so far/);
      await page.goto(`${edge.address.url}/`);
      const row = page.getByRole('row').filter({ hasText: node.clusterName });
      await expect.poll(() => row.locator('.column-age').innerText()).toMatch(/^[67]m/);
    }
  });

  test('draws phases and attempts on one scale of time', async () => {
    const { node } = await edge.addNode(3, ACTIVE());
    const page = await openNode(node);
    const lefts = await page
      .locator('.gantt-actual')
      .evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).style.left));
    expect(lefts.map((left) => Math.round(Number.parseFloat(left)))).toEqual([0, 1, 40, 40, 80]);
  });

  test.each([
    ['terminated', { terminatedAt: ago(1_000), terminatedBy: 'grace' }],
    ['lost', { terminatedAt: ago(1_000), lossReason: 'preempted' as const }],
  ] as const)('does not present a %s node as served', async (status, fields) => {
    const { node, writer } = await edge.addNode(3, { ...ACTIVE(), status, ...fields });
    writer.write({ ...draftLine(4), phase: 'active', message: 'm is served at http://127.0.0.1:8000' });
    await writer.flush();
    const page = await openNode(node);
    await page.locator('.log-foot', { hasText: 'not served any more' }).waitFor();
    expect(await page.getByText('Serving at').count()).toBe(0);
    const mark = page.locator('.log-mark-success .log-mark-text');
    await mark.waitFor();
    const muted = await page.locator('.log-foot').evaluate((foot) => getComputedStyle(foot).color);
    expect(await mark.evaluate((text) => getComputedStyle(text).color)).toBe(muted);
    expect(await fact(page, 'Ended by').allInnerTexts()).toEqual('terminatedBy' in fields ? ['grace'] : []);
    // The mark is no line.
    await page.getByText('4 lines', { exact: true }).waitFor();
  });

  test('shows since when a live log has been silent', async () => {
    const { node } = await edge.addNode(0);
    const writer = await edge.edge.writer(node);
    const writtenMs = Date.now();
    writer.write(draftLine(1));
    await writer.flush();
    const page = await openNode(node, 0);
    await page.getByText('1 line', { exact: true }).waitFor();
    expect(await page.getByText(/no line for/).count()).toBe(0);
    // The page's clock is stopped: how long the test itself takes does not count.
    await page.evaluate((nowMs) => (Date.now = () => nowMs), writtenMs + 75_000);
    await page.getByText(/no line for 1m 1\ds/).waitFor();
  });

  test('jumps to the first error, then to the next, also where a filter hides them', async () => {
    const { node } = await edge.addNode(120);
    const page = await openNode(node);
    await page.goto(`${edge.address.url}/nodes/${node.id}?level=info`);
    await page.getByText('line 119 of the log').waitFor();
    const jump = page.getByRole('button', { name: 'First error' });
    for (const line of [25, 50, 75, 100, 25]) {
      await jump.click();
      await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe(String(line));
    }
  });

  test('copies a selection of lines with time, level, source and message, also of lines that have scrolled away', async () => {
    const { node } = await edge.addNode(400);
    const page = await openNode(node);
    await page.getByText('line 400 of the log').waitFor();
    const log = page.getByRole('log');
    await scrollToBeginning(page);
    const begin = page.locator('.log-message', { hasText: 'line 2 of the log' });
    await begin.hover();
    await page.mouse.down();
    await page.locator('.log-message', { hasText: 'line 4 of the log' }).hover();
    // With the button held, the wheel scrolls the beginning out of view.
    await page.mouse.wheel(0, 3_000);
    await expect.poll(() => page.locator('.log-message', { hasText: /^line 2 of/ }).count()).toBe(0);
    await page.mouse.up();
    await page.keyboard.press('Control+C');
    const copied = await clipboard(page);
    const lines = copied.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}instance line 2 of the log$/);
    expect(lines[8]).toMatch(/warn {2}instance line 10 of the log$/);
    await log.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    await expect.poll(async () => (await clipboard(page)).trimEnd().split('\n').length).toBe(400);
    // From one column to another within a line, as the browser selects it by a triple click.
    await page.keyboard.press('Escape');
    await scrollToBeginning(page);
    // Rows are drawn again after the scroll, and a row that is replaced takes the selection with it.
    const copiedRow = async () => {
      const first = page.locator('.log-row').first();
      await first.evaluate((row) => document.getSelection()?.selectAllChildren(row));
      await page.keyboard.press('Control+C');
      return clipboard(page);
    };
    await expect.poll(copiedRow).toMatch(/^\S+Z info {2}skypilot line 1 of the log\n$/);
  });

  test('filters by a click, shows all of a line, and a line among its neighbours', async () => {
    const { node } = await edge.addNode(60);
    const page = await openNode(node);
    await page.getByText('60 lines', { exact: true }).waitFor();
    await page.locator('.log-error .log-level').first().click();
    await page.getByText('2 lines', { exact: true }).waitFor();
    await expect.poll(() => new URL(page.url()).search).toBe('?level=error');
    const row = page.locator('.log-row', { hasText: 'line 25 of the log' });
    await row.hover();
    await row.getByRole('button', { name: 'Details of line 25' }).click();
    const details = page.getByRole('group', { name: 'Line 25' });
    await expect.poll(() => details.innerText()).toMatch(/Source\s+skypilot/);
    // The row is as high as what it shows, and the next one is below it.
    const next = page.locator('.log-row', { hasText: 'line 50 of the log' });
    const bottom = await details.boundingBox();
    await expect
      .poll(async () => (await next.boundingBox())?.y)
      .toBeGreaterThanOrEqual((bottom?.y ?? 0) + (bottom?.height ?? 0));
    await details.getByRole('button', { name: 'Show in context' }).click();
    await page.getByText('60 lines', { exact: true }).waitFor();
    await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe('25');
    await page.locator('.log-message', { hasText: 'line 24 of the log' }).waitFor();
  });

  test('marks what is searched for in lines that come', async () => {
    const { node, writer } = await edge.addNode(5);
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}?q=tensor`);
    await page.getByText('No match').waitFor();
    writer.write(draftLine(7));
    await expect.poll(() => page.locator('.log-row mark').allInnerTexts()).toEqual(['tensor']);
    await page.getByText('1 found').waitFor();
  });

  test('no page logged an error', () => {
    expect(browser.errors).toEqual([]);
  });
});
