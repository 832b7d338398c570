import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ConsoleFleet, FLEET_TIMEOUT_MS } from '../support/browser/console-fleet.js';
import { signIn } from '../support/browser/console-session.js';

let fleet: ConsoleFleet;

beforeAll(async () => {
  fleet = await ConsoleFleet.start();
}, FLEET_TIMEOUT_MS);
afterAll(() => fleet?.close());

async function openConsole(path: string, viewport?: { width: number; height: number }): Promise<Page> {
  const page = await fleet.browser.newPage(viewport && { viewport });
  await signIn(page, fleet.app, path);
  await page.getByRole('rowheader').first().waitFor();
  return page;
}
const drawn = (page: Page) => page.getByRole('rowheader').count();
const chip = (page: Page, name: RegExp) =>
  page.getByRole('group', { name: 'Status' }).getByRole('button', { name });

test('counts, search, order and pages of 5,000 nodes are those of the server, and only rows in view are drawn', async () => {
  const page = await openConsole('/');
  const counted = await fleet.postgres.query(
    'select status, count(*)::int from node_listing group by status',
  );
  for (const { status, count } of counted.rows as { status: string; count: number }[]) {
    await expect
      .poll(() => chip(page, new RegExp(`^${status}`, 'i')).innerText())
      .toContain(count.toLocaleString('en-US'));
  }
  await page.getByText('5,000', { exact: true }).waitFor();
  expect(await drawn(page)).toBeLessThan(80);
  // An active node, however old, is found by its own name.
  const [oldest] = (
    await fleet.postgres.query(
      "select cluster_name from nodes where status = 'active' order by created_at limit 1",
    )
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
    .toBe(String(fleet.nodes + 1));
  expect(await drawn(page)).toBeLessThan(80);
});

test('the list stays live: a node that becomes active changes its row and the counts', async () => {
  const page = await openConsole('/?status=launching');
  const before = await fleet.postgres.query(
    "select count(*)::int as count from nodes where status = 'launching'",
  );
  const { count } = before.rows[0] as { count: number };
  await expect.poll(() => chip(page, /^Launching/).innerText()).toContain(String(count));
  await fleet.postgres
    .query(`update nodes set status = 'active', phase = 'active', progress = 100, ended_at = now(), updated_at = now()
    where id = (select id from nodes where status = 'launching' order by created_at desc limit 1)`);
  await expect.poll(() => chip(page, /^Launching/).innerText()).toContain(String(count - 1));
});

test('the titles stay in sight above 5,000 rows, and no column moves while others come into view', async () => {
  const page = await openConsole('/');
  const places = () =>
    page
      .locator('thead th')
      .evaluateAll((titles) => titles.map((title) => Math.round(title.getBoundingClientRect().x)));
  const before = await places();
  const main = page.locator('main');
  for (const top of [3_000, 40_000, 120_000]) {
    await main.evaluate((element, to) => element.scrollTo(0, to), top);
    await expect
      .poll(async () => (await page.locator('tbody tr[aria-rowindex]').first().boundingBox())?.y)
      .toBeLessThan(820);
    expect(await places()).toEqual(before);
    const title = await page.getByRole('columnheader', { name: 'Status' }).boundingBox();
    expect(title?.y).toBeCloseTo((await main.boundingBox())?.y ?? Number.NaN, 0);
  }
  // The row that the keyboard is on is not behind them.
  await page.keyboard.press('j');
  const chosen = page.locator('tbody tr.selected');
  await chosen.waitFor();
  const titles = (await page.locator('thead').boundingBox()) ?? { y: 0, height: 0 };
  await expect
    .poll(async () => (await chosen.boundingBox())?.y)
    .toBeGreaterThanOrEqual(titles.y + titles.height - 1);
  await page.setViewportSize({ width: 800, height: 820 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(800);
  const name = page.locator('tbody .column-name a').first();
  expect((await name.boundingBox())?.width).toBeGreaterThan(200);
});

test('a phone shows GPU, model, age and cost of each node, and cuts nothing off', async () => {
  const page = await openConsole('/?status=terminated', { width: 390, height: 844 });
  const row = page.locator('tbody tr[aria-rowindex]').first();
  for (const part of ['gpu', 'model', 'age', 'cost'])
    await expect.poll(() => row.locator(`.column-${part}`).isVisible()).toBe(true);
  const cut = await page.locator('.table-frame').evaluate((frame) => frame.scrollWidth > frame.clientWidth);
  expect(cut).toBe(false);
  const width = (await row.boundingBox())?.width ?? 0;
  const cost = await row.locator('.column-cost').boundingBox();
  expect((cost?.x ?? 0) + (cost?.width ?? 0)).toBeGreaterThan(width - 20);
  // The titles above the cards sort, none of them over another.
  const buttons = await page.locator('thead button').all();
  expect(buttons).toHaveLength(9);
  const boxes = await Promise.all(buttons.map((button) => button.boundingBox()));
  boxes.slice(1).forEach((box, index) => {
    const former = boxes[index];
    expect(box?.x).toBeGreaterThanOrEqual((former?.x ?? 0) + (former?.width ?? 0));
  });
  await page.getByRole('button', { name: 'Cost', exact: true }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('cost');
});

test('a deployment has all of its 1,150 nodes, with their counts and their cost, and each is found', async () => {
  await fleet.postgres.query(`update nodes set deployment_id = 'big' where id in
    (select id from nodes order by created_at desc limit 1150)`);
  const page = await openConsole('/deployments/big');
  const totals = page.getByLabel('Totals');
  await page.getByText('deployment, 1,150 nodes').waitFor();
  const running = await fleet.postgres.query(`select count(*)::int as active, sum(price_per_hour) as hourly,
    (select string_agg(cluster_name, '') from (select cluster_name from nodes where deployment_id = 'big'
      order by created_at limit 1) oldest) as oldest from nodes where deployment_id = 'big' and status = 'active'`);
  const { active, hourly, oldest } = running.rows[0] as { active: number; hourly: number; oldest: string };
  await expect.poll(() => totals.innerText()).toMatch(new RegExp(`Active\\s+${active}\\b`));
  const shown = /Now\s+\$([\d,.]+)\/h/.exec(await totals.innerText())?.[1]?.replaceAll(',', '');
  // Launching nodes cost as well, once their machine is up.
  expect(Number(shown)).toBeGreaterThanOrEqual(hourly);
  expect(await drawn(page)).toBeLessThan(80);
  await page.getByLabel('Search name, model, region or GPU').fill(oldest);
  await expect
    .poll(() => page.getByRole('rowheader').locator('a:not(.sub)').allInnerTexts())
    .toEqual([oldest]);
  await expect.poll(() => new URL(page.url()).search).toBe(`?nodes-q=${oldest}`);
  await page.reload();
  await expect
    .poll(() => page.getByRole('rowheader').locator('a:not(.sub)').allInnerTexts())
    .toEqual([oldest]);
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect
    .poll(async () => {
      await page.locator('.table-scroller').evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
      return page.locator('tbody tr[aria-rowindex]').last().getAttribute('aria-rowindex');
    })
    .toBe('1151');
});

test('Ctrl+K finds any node, a deployment, a page and an action by their names, from anywhere', async () => {
  const page = await openConsole('/');
  const rows = await fleet.postgres.query('select cluster_name from nodes order by created_at limit 1');
  const oldest = (rows.rows as { cluster_name: string }[])[0]?.cluster_name ?? '';
  const find = async (name: string) => {
    await page.keyboard.press('Control+K');
    await page.getByRole('combobox', { name: 'Name' }).fill(name);
    await page.getByRole('dialog').getByRole('option').filter({ hasText: name }).first().waitFor();
    await expect
      .poll(() => page.getByRole('dialog').getByRole('option', { selected: true }).innerText())
      .toContain(name);
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Name' }).waitFor({ state: 'detached' });
  };
  await find(oldest);
  await page.getByRole('heading', { level: 1, name: oldest }).waitFor();
  await find('deployment-3');
  await page.getByRole('heading', { level: 1, name: 'deployment-3' }).waitFor();
  await find('Metrics');
  await page.getByRole('heading', { level: 1, name: 'Metrics' }).waitFor();
  await find('Launch a node');
  await page.getByRole('dialog', { name: 'Launch a node' }).waitFor();
  // The closed sections stand at even distances.
  const sections = page.getByRole('dialog').locator('details.more > summary');
  const tops = await sections.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
  expect(new Set(tops.slice(1).map((top, at) => Math.round(top - (tops[at] ?? 0)))).size).toBe(1);
  await page.keyboard.press('Escape');
  // From within a text field, with the arrows.
  await page.goto(`${fleet.app.url}/`);
  await page.getByLabel('Search name, model, region or GPU').focus();
  await page.keyboard.press('Control+K');
  const input = page.getByRole('combobox', { name: 'Name' });
  await input.fill('eucentral1');
  // A note that is too long is cut, and neither wraps the row nor takes from the name.
  const names = page.getByRole('dialog').getByRole('option').locator('.mono');
  await names.nth(4).waitFor();
  const cut = await names.evaluateAll(
    (all) => all.filter((each) => each.scrollWidth > each.clientWidth).length,
  );
  const heights = await page
    .getByRole('dialog')
    .getByRole('option')
    .evaluateAll((all) => all.map((each) => Math.round(each.getBoundingClientRect().height)));
  expect({ cut, heights: new Set(heights).size }).toEqual({ cut: 0, heights: 1 });
  await input.fill('');
  await page.keyboard.press('ArrowDown');
  await expect
    .poll(() => page.getByRole('dialog').getByRole('option', { selected: true }).innerText())
    .toContain('All logs');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'All logs' }).waitFor();
});

test('no page logged an error', () => {
  expect(fleet.browser.errors).toEqual([]);
});
