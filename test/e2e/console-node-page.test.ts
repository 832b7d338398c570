import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { Node } from '@launchlog/shared/node';
import { Browser } from '../support/browser.js';
import { ConsoleEdge, draftLine } from '../support/console-edge.js';
import { signIn } from '../support/console-session.js';

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
    writer.write(draftLine(1));
    await writer.flush();
    const page = await openNode(node, 0);
    await page.getByText('1 line', { exact: true }).waitFor();
    expect(await page.getByText(/no line for/).count()).toBe(0);
    await page.evaluate(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 75_000;
    });
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

  test('no page logged an error', () => {
    expect(browser.errors).toEqual([]);
  });
});
