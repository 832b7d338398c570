import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { AppProcess } from '../support/app-process.js';
import { Browser } from '../support/browser.js';
import { signIn } from '../support/console-session.js';
import { PostgresServer } from '../support/postgres-server.js';
import { seedNodes } from '../support/seeded-nodes.js';

const NODES = 5_000;
/** PostgreSQL, the browser and the server start, one after the other on a busy machine. */
const START_TIMEOUT_MS = 180_000;

let postgres: PostgresServer;
let app: AppProcess;
let browser: Browser;

beforeAll(async () => {
  [postgres, browser] = await Promise.all([PostgresServer.start(), Browser.open()]);
  app = await AppProcess.start({ DATABASE_URL: postgres.url });
  await postgres.query(seedNodes(NODES));
}, START_TIMEOUT_MS);
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await postgres?.stop();
});

async function openConsole(path: string, viewport?: { width: number; height: number }): Promise<Page> {
  const page = await browser.newPage(viewport && { viewport });
  await signIn(page, { url: app.url, token: app.token }, path);
  await page.getByRole('rowheader').first().waitFor();
  return page;
}
const drawn = (page: Page) => page.getByRole('rowheader').count();
const chip = (page: Page, name: RegExp) =>
  page.getByRole('group', { name: 'Status' }).getByRole('button', { name });

test('counts, search, order and pages of 5,000 nodes are those of the server, and only rows in view are drawn', async () => {
  const page = await openConsole('/');
  const counted = await postgres.query('select status, count(*)::int from node_listing group by status');
  for (const { status, count } of counted.rows as { status: string; count: number }[]) {
    await expect
      .poll(() => chip(page, new RegExp(`^${status}`, 'i')).innerText())
      .toContain(count.toLocaleString('en-US'));
  }
  await page.getByText('5,000', { exact: true }).waitFor();
  expect(await drawn(page)).toBeLessThan(80);
  // An active node, however old, is found by its own name.
  const [oldest] = (
    await postgres.query("select cluster_name from nodes where status = 'active' order by created_at limit 1")
  ).rows as { cluster_name: string }[];
  const search = page.getByLabel('Search name, model, region or GPU');
  await search.fill(oldest?.cluster_name ?? '');
  await expect
    .poll(() => page.getByRole('rowheader').locator('a:not(.sub)').allInnerTexts())
    .toEqual([oldest?.cluster_name]);
  await page.getByText('1', { exact: true }).first().waitFor();
  await search.fill('');
  await expect.poll(() => drawn(page)).toBeGreaterThan(5);
  // To the end of the list, page by page.
  await expect
    .poll(async () => {
      await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight));
      return page.locator('tbody tr[aria-rowindex]').last().getAttribute('aria-rowindex');
    })
    .toBe(String(NODES + 1));
  expect(await drawn(page)).toBeLessThan(80);
});

test('the list stays live: a node that becomes active changes its row and the counts', async () => {
  const page = await openConsole('/?status=launching');
  const before = await postgres.query("select count(*)::int as count from nodes where status = 'launching'");
  const { count } = before.rows[0] as { count: number };
  await expect.poll(() => chip(page, /^Launching/).innerText()).toContain(String(count));
  await postgres.query(`update nodes set status = 'active', phase = 'active', progress = 100, ended_at = now(), updated_at = now()
    where id = (select id from nodes where status = 'launching' order by created_at desc limit 1)`);
  await expect.poll(() => chip(page, /^Launching/).innerText()).toContain(String(count - 1));
});

test('a phone shows GPU, model, age and cost of each node, and cuts nothing off', async () => {
  const page = await openConsole('/?status=terminated', { width: 390, height: 844 });
  const row = page.locator('tbody tr[aria-rowindex]').first();
  for (const part of ['gpu', 'model', 'age', 'cost'])
    await expect.poll(() => row.locator(`.column-${part}`).isVisible()).toBe(true);
  const cut = await page.locator('.table-frame').evaluate((frame) => frame.scrollWidth > frame.clientWidth);
  expect(cut).toBe(false);
});

test('no page logged an error', () => {
  expect(browser.errors).toEqual([]);
});
