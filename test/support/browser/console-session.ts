import type { Page } from 'playwright-core';
import { eventually } from '../within.js';

export interface ConsoleAddress {
  readonly url: string;
  readonly token: string;
}

/** Opens a path, signs in with the form and waits for the page. */
export async function signIn(page: Page, { url, token }: ConsoleAddress, path = '/'): Promise<void> {
  await page.goto(url + path);
  await page.getByLabel('Admin token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

interface ScreenRow {
  readonly seq: number;
  /** Number of entries that the row stands for: more than one for a folded progress bar. */
  readonly entries: number;
  readonly text: string;
}

/** Scrolls the log until its first row is drawn. A log that still follows its end may scroll back once. */
export async function scrollToBeginning(page: Page): Promise<void> {
  const log = page.getByRole('log');
  await eventually('the first row is not drawn', async () => {
    await log.evaluate((element) => element.scrollTo(0, 0));
    await twoFrames(page);
    return (await log.locator('[data-index="0"]').count()) > 0;
  });
}

/** Reads a log as a person would: with everything unfolded, by scrolling from the first row to the last. */
export async function readScreenLog(page: Page): Promise<ScreenRow[]> {
  const log = page.getByRole('log');
  const rows = new Map<number, ScreenRow>();
  const unfold = page.locator('.log-foot').getByRole('button', { name: 'Unfold all' });
  if (await unfold.isVisible()) await unfold.click();
  await scrollToBeginning(page);
  for (let ended = false; !ended;) {
    await twoFrames(page);
    const seen = await log.evaluate((element) =>
      [...element.querySelectorAll<HTMLElement>('.log-row:not(.log-mark)')].map((row) => ({
        index: Number(row.dataset['index']),
        seq: Number(row.querySelector('.log-seq')?.textContent),
        entries: Number(/×(\d+)/.exec(row.querySelector('.log-folded')?.textContent ?? '')?.[1] ?? 1),
        text: row.querySelector('.log-message')?.textContent ?? '',
      })),
    );
    for (const { index, ...row } of seen) rows.set(index, row);
    ended = await log.evaluate((element) => {
      const end = element.scrollTop + element.clientHeight >= element.scrollHeight - 1;
      element.scrollBy(0, element.clientHeight);
      return end;
    });
  }
  return [...rows].toSorted(([one], [other]) => one - other).map(([, row]) => row);
}

/** One frame to scroll, and one to draw. */
async function twoFrames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
