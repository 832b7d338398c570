import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Browser } from '../support/browser/browser.js';
import { ConsoleEdge } from '../support/browser/console-edge.js';
import { signIn } from '../support/browser/console-session.js';

let edge: ConsoleEdge;
let browser: Browser;

beforeAll(async () => {
  [edge, browser] = await Promise.all([ConsoleEdge.start(), Browser.open()]);
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  const { launches } = edge.edge;
  launches.add({ clusterName: 'cic-a', createdAt: ago(1), deploymentId: 'chat-prod' });
  launches.add({
    clusterName: 'cic-b',
    createdAt: ago(9),
    status: 'active',
    phase: 'active',
    provider: 'gcp',
  });
  launches.add({
    clusterName: 'cic-c',
    createdAt: ago(5),
    status: 'failed',
    phase: 'failed',
    failureReason: 'quota',
  });
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

async function openNodes(path = '/'): Promise<Page> {
  const page = await browser.newPage();
  await signIn(page, edge.address, path);
  await page.getByRole('table').getByRole('rowheader').first().waitFor();
  return page;
}

const names = (page: Page) =>
  page.getByRole('table').getByRole('rowheader').locator('a:not(.sub)').allInnerTexts();

describe('the list of nodes', () => {
  test('keeps filters and order in the URL, so that a link shows the same to somebody else', async () => {
    const page = await openNodes();
    // What is launching or active comes first.
    await expect.poll(() => names(page)).toEqual(['cic-a', 'cic-b', 'cic-c']);
    await page
      .getByRole('group', { name: 'Status' })
      .getByRole('button', { name: /Active/ })
      .click();
    await page
      .getByRole('group', { name: 'Status' })
      .getByRole('button', { name: /Failed/ })
      .click();
    await page.getByRole('button', { name: 'Node', exact: true }).click();
    await page.getByRole('button', { name: 'Node', exact: true }).click();
    await expect.poll(() => names(page)).toEqual(['cic-c', 'cic-b']);
    await expect.poll(() => new URL(page.url()).search).toBe('?status=active,failed&sort=name&dir=desc');
    await expect.poll(() => page.locator('th[aria-sort=descending]').innerText()).toBe('Node');

    const other = await openNodes(`/${new URL(page.url()).search}`);
    await expect.poll(() => names(other)).toEqual(['cic-c', 'cic-b']);
    await other.getByLabel('Search name, model, region or GPU').fill('gcp');
    await expect.poll(() => names(other)).toEqual(['cic-b']);
    await other.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => names(other)).toEqual(['cic-c', 'cic-b', 'cic-a']);
  });

  test('keeps a named search, and exports it as a link that names it for somebody else', async () => {
    const page = await openNodes('/?status=failed');
    const saved = page.locator('summary', { hasText: 'Saved searches' });
    await saved.click();
    await page.getByLabel('Save this search as').fill('Broken');
    await page.keyboard.press('Enter');
    await page.getByText('Saved as “Broken” in this browser.').waitFor();
    await page.goto(edge.address.url);
    await expect.poll(() => names(page)).toEqual(['cic-a', 'cic-b', 'cic-c']);
    await saved.click();
    await page.getByRole('link', { name: 'Broken' }).click();
    await expect.poll(() => names(page)).toEqual(['cic-c']);
    if (!(await page.getByRole('button', { name: 'Copy a link to Broken' }).isVisible())) await saved.click();
    await page.getByRole('button', { name: 'Copy a link to Broken' }).click();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));

    const other = await openNodes(link.pathname + link.search);
    await expect.poll(() => names(other)).toEqual(['cic-c']);
    await other.locator('summary', { hasText: 'Saved searches' }).click();
    await expect.poll(() => other.getByLabel('Save this search as').inputValue()).toBe('Broken');
    await other.getByRole('button', { name: 'Save', exact: true }).click();
    await expect.poll(() => new URL(other.url()).search).toBe('?status=failed');
    await other.locator('summary', { hasText: 'Saved searches' }).click();
    await other.getByRole('button', { name: 'Rename Broken' }).click();
    await other.getByRole('dialog').getByLabel('Name').fill('Not well');
    await other.keyboard.press('Enter');
    await other.goto(`${edge.address.url}/?status=active`);
    await other.locator('summary', { hasText: 'Saved searches' }).click();
    await other.getByLabel('Save this search as').fill('Not well');
    await other.keyboard.press('Enter');
    await other.getByRole('dialog', { name: 'Replace this search?' }).getByText('Keep it').click();
    if (!(await other.getByRole('link', { name: 'Not well' }).isVisible()))
      await other.locator('summary', { hasText: 'Saved searches' }).click();
    expect(await other.getByRole('link', { name: 'Not well' }).getAttribute('href')).toContain(
      'status=failed',
    );
    await other.getByRole('button', { name: 'Delete Not well' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await other.getByRole('link', { name: 'Not well' }).waitFor({ state: 'detached' });
  });

  test('shows what a link has narrowed it to, and ends that by a click', async () => {
    const page = await openNodes('/?reason=quota');
    await expect.poll(() => names(page)).toEqual(['cic-c']);
    await page.getByRole('button', { name: 'Quota exceeded: remove' }).click();
    await expect.poll(() => names(page)).toEqual(['cic-a', 'cic-b', 'cic-c']);
    await expect.poll(() => new URL(page.url()).search).toBe('');
  });

  test('has compact rows for people who want them, also after a reload', async () => {
    const page = await openNodes();
    const row = page.getByRole('row').nth(1);
    const height = async () => (await row.boundingBox())?.height ?? 0;
    const before = await height();
    await page.keyboard.press('v');
    await expect.poll(height).toBeLessThan(before * 0.75);
    await page.reload();
    await row.waitFor();
    await expect.poll(height).toBeLessThan(before * 0.75);
    await expect
      .poll(() => page.getByRole('button', { name: 'Compact rows' }).getAttribute('aria-pressed'))
      .toBe('true');
  });

  test('can be used by keyboard alone', async () => {
    const page = await openNodes();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'cic-b' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.getByRole('heading', { level: 1, name: 'All logs' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('n');
    await page.getByRole('heading', { level: 1, name: 'Nodes' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('cic-b');
    await expect.poll(() => names(page)).toEqual(['cic-b']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.getByLabel('Single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('c');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  test('is as it was when the reader goes back to it', async () => {
    const page = await openNodes('/?status=failed');
    await page.getByRole('link', { name: 'cic-c' }).click();
    await page.getByRole('heading', { level: 1, name: 'cic-c' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: 'cic-c' }).waitFor();
    await expect.poll(() => names(page)).toEqual(['cic-c']);
  });

  test('reports an unknown node and an unknown page', async () => {
    const page = await openNodes();
    await page.goto(`${edge.address.url}/nodes/00000000-0000-4000-8000-000000000000`);
    await page.getByText('Node not found').waitFor();
    await page.goto(`${edge.address.url}/nothing/here`);
    await expect.poll(() => page.getByText('Page not found').isVisible()).toBe(true);
  });
});

describe('a narrow screen', () => {
  test('shows each node with its full name, its status and its phase, and cuts nothing off', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await signIn(page, edge.address);
    await page.getByRole('link', { name: 'cic-a' }).waitFor();
    const cut = await page.evaluate(() => {
      const frame = document.querySelector('.table-frame');
      return frame === null || frame.scrollWidth > frame.clientWidth;
    });
    expect(cut).toBe(false);
    for (const part of ['.column-name', '.column-status', '.column-phase'])
      await expect.poll(() => page.locator(`tbody ${part}`).first().isVisible()).toBe(true);
  });
});

describe('signing in and out', () => {
  test('a wrong token is refused with the server’s message', async () => {
    const page = await browser.newPage();
    await page.goto(edge.address.url);
    await page.getByLabel('Admin token').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await expect.poll(() => page.getByRole('alert').innerText()).toBe('invalid admin token');
  });

  test('two tabs show the same, scripts cannot read the cookie, and signing out in one signs out the other', async () => {
    const first = await openNodes();
    const second = await browser.newTab(first);
    await second.goto(edge.address.url);
    await second.getByRole('link', { name: 'cic-a' }).waitFor();
    expect(await second.evaluate(() => document.cookie)).toBe('');
    expect(await second.evaluate(() => JSON.stringify(localStorage))).not.toContain(edge.address.token);

    await first.getByRole('button', { name: 'Sign out' }).click();
    await first.getByLabel('Admin token').waitFor();
    await second.getByLabel('Admin token').waitFor();
    await second.reload();
    await second.getByLabel('Admin token').waitFor();
    expect((await first.context().cookies()).filter((cookie) => cookie.value !== '')).toEqual([]);
  });
});

describe('a launch that ends', () => {
  test('is reported by the tab’s title and a notification while the tab is hidden', async () => {
    const page = await browser.newPage({ permissions: ['notifications'] });
    await page.addInitScript(() => {
      const shown: string[] = [];
      Object.assign(globalThis, { shown, hiddenNow: false });
      Object.defineProperty(Document.prototype, 'hidden', {
        get: () => (globalThis as unknown as { hiddenNow: boolean }).hiddenNow,
      });
      class Recorded extends EventTarget {
        static readonly permission = 'granted';
        static requestPermission = () => Promise.resolve('granted');
        constructor(title: string) {
          super();
          shown.push(title);
        }
      }
      Object.assign(globalThis, { Notification: Recorded });
    });
    await signIn(page, edge.address);
    const node = edge.edge.launches.add({ clusterName: 'cic-ends', updatedAt: new Date().toISOString() });
    await page.getByRole('link', { name: 'cic-ends' }).waitFor();
    await page.getByRole('button', { name: 'Notify me when a launch ends' }).click();
    await page.evaluate(() => Object.assign(globalThis, { hiddenNow: true }));
    edge.edge.launches.nodes.set(node.id, {
      ...node,
      status: 'active',
      phase: 'active',
      progress: 100,
      updatedAt: new Date().toISOString(),
    });
    await page.waitForFunction(() => document.title === '(1) Launchlog');
    expect(await page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown)).toEqual([
      'cic-ends is active',
    ]);
    await page.evaluate(() => {
      Object.assign(globalThis, { hiddenNow: false });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expect.poll(() => page.title()).toBe('Launchlog');
  });

  test('no page logged an error', () => {
    expect(browser.errors).toEqual([]);
  });
});
