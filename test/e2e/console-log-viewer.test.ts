import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Browser } from '../support/browser/browser.js';
import { ConsoleEdge, draftLine } from '../support/browser/console-edge.js';
import { readScreenLog, scrollToBeginning, signIn } from '../support/browser/console-session.js';

let edge: ConsoleEdge;
let browser: Browser;

beforeAll(async () => {
  [edge, browser] = await Promise.all([ConsoleEdge.start(), Browser.open()]);
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

const foot = (page: Page) => page.locator('.log-foot');
const lineCount = (page: Page, lines: string) =>
  foot(page)
    .getByText(`${lines} ${lines === '1' ? 'line' : 'lines'}`, { exact: true })
    .waitFor();

async function openLog(lines: number, rest = ''): Promise<Page> {
  const { node } = await edge.addNode(lines);
  const page = await browser.newPage();
  await signIn(page, edge.address, `/nodes/${node.id}${rest}`);
  return page;
}

/** Records after each growth of the list, before it is painted, whether the rows fill the view to its end. */
function watchDrawing(): void {
  const drawings: boolean[] = [];
  Object.assign(globalThis, { drawings });
  const log = document.querySelector('[role=log]');
  const rows = log?.querySelector('.log-rows');
  if (log === null || rows === null || rows === undefined) throw new Error('this page has no log');
  new ResizeObserver(() => {
    const ends = [...rows.children].map((row) => row.getBoundingClientRect().bottom);
    drawings.push(Math.max(...ends) >= log.getBoundingClientRect().bottom - 1);
  }).observe(rows);
}

describe('the log viewer', () => {
  test('follows the end, stops when the reader scrolls up, counts new lines, and follows again', async () => {
    const { node, writer } = await edge.addNode(200);
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}`);
    await page.getByText('line 200 of the log').waitFor();
    await page.getByRole('log').hover();
    await page.mouse.wheel(0, -600);
    await page.getByRole('button', { name: 'Follow' }).waitFor();
    for (let line = 201; line <= 212; line += 1) writer.write(draftLine(line));
    await page.getByRole('button', { name: '12 new' }).waitFor();
    await expect.poll(() => page.getByText('line 212 of the log').count()).toBe(0);
    await page.getByRole('button', { name: '12 new' }).click();
    await page.getByText('line 212 of the log').waitFor();
    writer.write(draftLine(213));
    await page.getByText('line 213 of the log').waitFor();
    await expect.poll(() => page.locator('.follow-button').count()).toBe(0);
  });

  test('keeps its filters in the URL, across a reload', async () => {
    const page = await openLog(100);
    await lineCount(page, '100');
    await page.getByRole('group', { name: 'Level' }).getByRole('button', { name: /warn/ }).click();
    await page.getByRole('group', { name: 'Level' }).getByRole('button', { name: /error/ }).click();
    await lineCount(page, '12');
    await page.locator('summary', { hasText: 'Source' }).click();
    await page.getByLabel('instance', { exact: true }).check();
    await lineCount(page, '10');
    await expect.poll(() => new URL(page.url()).search).toBe('?level=warn,error&source=instance');
    await page.reload();
    await lineCount(page, '10');
    expect((await readScreenLog(page)).map((row) => row.seq)).toEqual([
      10, 20, 30, 40, 50, 60, 70, 80, 90, 100,
    ]);
    await page.getByRole('button', { name: 'Show all' }).click();
    await lineCount(page, '100');
    await expect.poll(() => new URL(page.url()).search).toBe('');
  });

  test('finds text, marks the matches, and steps through them in both directions', async () => {
    const page = await openLog(2_000);
    await lineCount(page, '2,000');
    await page.keyboard.press('/');
    await page.keyboard.type('TENSOR 7');
    await page.getByText('285 found').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('1 of 285').waitFor();
    await page.getByText('line 7 of the log').waitFor();
    await expect.poll(() => page.locator('.log-current mark').innerText()).toBe('tensor 7');
    await page.keyboard.press('Shift+Enter');
    await page.getByText('285 of 285').waitFor();
    await page.getByText('line 1995 of the log').waitFor();
    await page.getByRole('button', { name: 'Match case' }).click();
    await page.getByText('No match').waitFor();
    await expect.poll(() => new URL(page.url()).search).toBe('?q=TENSOR+7&case=1');
  });

  test('keeps the search when Escape leaves its field, and steps through the matches', async () => {
    const page = await openLog(100);
    await lineCount(page, '100');
    await page.keyboard.press('/');
    await page.keyboard.type('tensor 7');
    await page.getByText('14 found').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.getByText('1 of 14').waitFor();
    await page.keyboard.press('Shift+N');
    await page.getByText('14 of 14').waitFor();
    await expect.poll(() => page.getByRole('searchbox').inputValue()).toBe('tensor 7');
  });

  test('is at the end in every frame, even when more lines arrive at once than fit into view', async () => {
    const { node, writer } = await edge.addNode(200);
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}`);
    await page.getByText('line 200 of the log').waitFor();
    await page.evaluate(watchDrawing);
    for (let line = 201; line <= 1_200; line += 1) {
      writer.write(draftLine(line));
      if (line % 200 === 0) await writer.flush();
    }
    await page.getByText('line 1200 of the log').waitFor();
    const drawings = await page.evaluate(() => (globalThis as unknown as { drawings: boolean[] }).drawings);
    expect(drawings.length).toBeGreaterThan(0);
    expect(drawings).not.toContain(false);
  });

  test('abandons an expression that would take forever while the page stays responsive', async () => {
    const { node, writer } = await edge.addNode(50);
    writer.write({ ...draftLine(51), message: `${'a'.repeat(60)}!` });
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}?q=(a%2B)%2B%24&regex=1`);
    await page.getByText('Searching…').waitFor();
    // The page takes the click while the search still runs.
    await page.getByRole('button', { name: /^Wrap/ }).click();
    await page.getByText('This expression takes too long').waitFor();
    await page.getByRole('searchbox', { name: 'Search by expression' }).fill('line 4[0-9] ');
    await page.getByText('10 found').waitFor();
    await expect.poll(() => page.getByText('This expression takes too long').count()).toBe(0);
  });

  test('scrolls to the line that a link points to, and offers such a link for every line', async () => {
    const page = await openLog(5_000, '#L1234');
    await page.getByText('line 1234 of the log').waitFor();
    await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe('1234');
    await page.getByRole('link', { name: 'Link to line 1236' }).click();
    await expect.poll(() => new URL(page.url()).hash).toBe('#L1236');
    await page.getByRole('link', { name: 'Link to line 1238' }).click({ modifiers: ['Shift'] });
    await expect.poll(() => new URL(page.url()).hash).toBe('#L1236-L1238');
    await expect.poll(() => page.locator('.log-anchored').count()).toBe(3);
  });

  test('marks lines that are gone and a log that started over', async () => {
    const small = await ConsoleEdge.start({ logMaxEntries: 12 });
    try {
      const { node, writer } = await small.addNode(30);
      const page = await browser.newPage();
      await signIn(page, small.address, `/nodes/${node.id}`);
      await page.getByText('Lines 1 to 18 are no longer available (trimmed)').waitFor();
      await small.edge.store.clear(node.id);
      await page.getByText('The log is gone (cleared). A new one has not started yet.').waitFor();
      writer.write({ ...draftLine(1), message: 'after the clearing' });
      await page.getByText('The log started over (cleared). Its available lines follow.').waitFor();
      await page.getByText('after the clearing').waitFor();
      await expect.poll(() => page.locator('.log-row').last().innerText()).toContain('after the clearing');
    } finally {
      await small.close();
    }
  });

  test('exports the lines shown as text, JSON and CSV', async () => {
    const page = await openLog(40, '?level=error');
    await lineCount(page, '1');
    for (const [name, pattern] of [
      ['Text', /^\S+ ERROR \[installing\] line 25 of the log\n$/],
      ['JSON', /"seq": 25,/],
      ['CSV', /\r\n25,\S+,error,installing,skypilot,,line 25 of the log,\r\n$/],
    ] as const) {
      await page.locator('summary[aria-label="Download"]').click();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ]);
      expect(await readFile(await download.path(), 'utf8')).toMatch(pattern);
      await page.keyboard.press('Escape');
    }
  });

  test('shows the chosen time format, wraps long lines, and remembers both', async () => {
    const page = await openLog(30);
    await page.getByLabel('Timestamps').selectOption('Since start');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.log-time').first().innerText()).toMatch(/^\+\d+:\d\d\.\d{3}$/);
    await page.getByRole('button', { name: /^Wrap/ }).click();
    await page.reload();
    await page.locator('.log-wrap').waitFor();
    await expect.poll(() => page.getByLabel('Timestamps').inputValue()).toBe('start');
  });

  test('shows colours, folds progress bars, and removes control characters', async () => {
    const { node, writer } = await edge.addNode(1);
    writer.write({ ...draftLine(2), message: '\u001b[32mgreen\u001b[0m \u001b]0;title\u0007plain' });
    for (const percent of [10, 20, 30]) {
      writer.write({ ...draftLine(3), message: `Loading: ${percent}%|##   | ${percent}/100` });
    }
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}`);
    await page.getByText('Loading: 30%').waitFor();
    await expect.poll(() => page.locator('.ansi-2').innerText()).toBe('green');
    expect((await readScreenLog(page)).map((row) => [row.text, row.entries])).toEqual([
      ['line 1 of the log', 1],
      ['green plain', 1],
      ['Loading: 30%|##   | 30/100 ×3', 3],
    ]);
  });

  test('folds phases by a click or a key, which scrolling and new lines do not undo', async () => {
    const { node, writer } = await edge.addNode(400);
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}`);
    await page.getByText('line 400 of the log').waitFor();
    const log = page.getByRole('log');
    const heading = (name: RegExp) => log.getByRole('button', { name });
    await scrollToBeginning(page);
    const provisioning = heading(/^Provisioning \(19 lines/);
    await expect.poll(() => provisioning.getAttribute('aria-expanded')).toBe('true');
    await provisioning.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => provisioning.getAttribute('aria-expanded')).toBe('false');
    await foot(page).getByText('19 folded').waitFor();
    await page.keyboard.press('f');
    await page.getByText('line 400 of the log').waitFor();
    writer.write(draftLine(401));
    await lineCount(page, '401');
    await scrollToBeginning(page);
    await expect.poll(() => provisioning.getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('z');
    await foot(page).getByText('folded').waitFor({ state: 'detached' });
    await page.keyboard.press('z');
    await expect.poll(() => page.locator('.log-row').count()).toBe(0);
    await expect.poll(() => heading(/^Installing \(382 lines folded\) 16 errors/).count()).toBe(1);
    // A copy of everything has what is folded.
    await log.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.trimEnd().split('\n')).toHaveLength(401);
  });

  test('opens what a search, a link or the first error needs, and nothing else', async () => {
    const page = await openLog(60);
    await lineCount(page, '60');
    await page.keyboard.press('z');
    await foot(page).getByText('60 folded').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('line 14 ');
    await page.getByText('1 found').waitFor();
    await page
      .getByRole('log')
      .getByRole('button', { name: /1 match\b/ })
      .waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.log-current mark').innerText()).toBe('line 14 ');
    await foot(page).getByText('41 folded').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('x');
    await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe('25');
    await expect.poll(() => foot(page).innerText()).not.toContain('folded');
    await page.keyboard.press('z');
    await foot(page).getByText('60 folded').waitFor();
    await page.evaluate(() => (location.hash = '#L3'));
    await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe('3');
    await foot(page).getByText('41 folded').waitFor();
  });

  test('folds a long list of packages, shows how long it is, and unfolds it', async () => {
    const { node, writer } = await edge.addNode(1);
    for (let line = 1; line <= 40; line += 1)
      writer.write({ ...draftLine(20), level: 'info', message: ` + package-${line}==1.${line}.0` });
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}`);
    const packages = page.getByRole('log').getByRole('button', { name: /^Packages \(40 lines folded\)/ });
    await packages.waitFor();
    await expect.poll(() => page.getByText('+ package-7==').count()).toBe(0);
    await packages.click();
    await page.getByText(' + package-7==1.7.0').waitFor();
    await foot(page).getByText('folded').waitFor({ state: 'detached' });
    await lineCount(page, '41');
  });

  test('no page logged an error', () => {
    expect(browser.errors).toEqual([]);
  });
});
