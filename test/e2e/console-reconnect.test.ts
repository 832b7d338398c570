import { readFile } from 'node:fs/promises';
import type { Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../support/browser/browser.js';
import { readScreenLog, scrollToBeginning, signIn } from '../support/browser/console-session.js';
import { copiedBy } from '../support/browser/copied-by.js';
import { AppProcess } from '../support/server/app-process.js';

let app: AppProcess;
let browser: Browser;

beforeAll(async () => {
  [app, browser] = await Promise.all([AppProcess.start({ SIMULATOR_SPEED: '30' }), Browser.open()]);
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function launchNode(): Promise<string> {
  const answer = await app.fetch('/admin/nodes/launch', {
    method: 'POST',
    body: JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' }),
  });
  return ((await answer.json()) as { node_id: string }).node_id;
}

/** A node of the tests before, whose launch has ended; a new one where this test runs alone. */
async function anyNode(): Promise<string> {
  const { nodes } = (await (await app.fetch('/admin/nodes')).json()) as { nodes: { id: string }[] };
  return nodes[0]?.id ?? launchNode();
}

describe('a server that goes away while a log is open', () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'shows every line once and in order after %s and a restart, and marks the interruption',
    async (signal) => {
      const page = await browser.newPage();
      const id = await launchNode();
      await signIn(page, app, `/nodes/${id}`);
      await page.locator('.log-row', { hasText: 'Launching on' }).first().waitFor();
      await app.down(signal);
      await page.getByText('Connection lost. Reconnecting…').first().waitFor();
      await expect.poll(() => page.locator('.stream').innerText()).toBe('Reconnecting…');
      await page.getByText('This page is out of date: the server cannot be reached').waitFor();
      await app.up();
      await page.locator('.stream', { hasText: 'Complete' }).waitFor();
      await page.getByText('This page is out of date').waitFor({ state: 'detached' });

      const rows = await readScreenLog(page);
      const stored = (await (await app.fetch(`/admin/nodes/${id}/logs?tail=10000`)).json()) as {
        logs: { seq: number; message: string }[];
      };
      let seq = 0;
      for (const row of rows) {
        expect(row.seq).toBe(seq + row.entries);
        seq = row.seq;
      }
      expect(seq).toBe(stored.logs.at(-1)?.seq);
      for (const row of rows) {
        const entry = stored.logs.find((each) => each.seq === row.seq);
        expect(row.text).toContain(entry?.message.trim().slice(0, 60));
      }
      await scrollToBeginning(page);
      const text = await copiedBy(page.getByRole('button', { name: /^Copy the lines/ }));
      expect(text.trimEnd().split('\n')).toHaveLength(rows.length);
    },
  );

  test('no page logged an error', () => {
    expect(browser.errors).toEqual([]);
  });
});

describe('a server that answers late, or stops halfway', () => {
  test('a late answer is reported with the time since which it is awaited, and what is on the page stays', async () => {
    const page = await browser.newPage();
    await page.clock.install();
    await signIn(page, app, '/settings/checks');
    const checked = page.getByRole('row').filter({ hasText: 'database' });
    await checked.getByText('fits').waitFor();
    const held: Route[] = [];
    await page.route(/\/trpc\/(?:doctor|tokens\.list)/, (route) => void held.push(route));
    const late = page.getByText(/^The server has not answered since \d\d:\d\d:\d\d\.$/);
    for (const leaveTo of ['Look again', 'Tokens']) {
      await page.locator('main').getByText(leaveTo, { exact: true }).click();
      await expect.poll(() => held.length).toBe(1);
      expect(await late.count()).toBe(0);
      await page.clock.fastForward(3_200);
      await late.waitFor();
      expect(await checked.count()).toBe(leaveTo === 'Tokens' ? 0 : 1);
      await held.pop()?.continue();
      await late.waitFor({ state: 'detached' });
    }
    await page.getByText(/^launchlog tokens create/).waitFor();
  });

  test('a file that ends too early is not saved: the page states it and tries again', async () => {
    const page = await browser.newPage();
    await signIn(page, app, '/settings/audit?action=session.sign_in');
    await page.route('**/admin/audit/export**', (route) => route.abort());
    const menu = page.getByText('Export', { exact: true });
    await menu.click();
    await page.getByRole('button', { name: 'NDJSON' }).click();
    await page
      .getByRole('alert')
      .getByText(/^audit-.*\.ndjson was not saved: the connection ended$/)
      .waitFor();
    await page.unroute('**/admin/audit/export**');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Try again' }).click(),
    ]);
    expect(await readFile(await download.path(), 'utf8')).toContain('session.sign_in');
  });

  test('the whole log of a node is saved as the server keeps it, whatever the page filters', async () => {
    const page = await browser.newPage();
    const id = await anyNode();
    await signIn(page, app, `/nodes/${id}?level=error`);
    await page.locator('.stream', { hasText: 'Complete' }).waitFor();
    await page.locator('summary[aria-label="Download"]').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'All, as NDJSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^cic-.*\.ndjson$/);
    const stored = await (await app.fetch(`/admin/nodes/${id}/logs/export?format=ndjson`)).text();
    expect(await readFile(await download.path(), 'utf8')).toBe(stored);
  });
});
