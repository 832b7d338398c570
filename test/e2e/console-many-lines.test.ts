import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Browser } from '../support/browser/browser.js';
import { ConsoleEdge, draftLine } from '../support/browser/console-edge.js';
import { copiedBy } from '../support/browser/copied-by.js';
import { scrollToBeginning, signIn } from '../support/browser/console-session.js';

const LINES = 100_000;
const LINES_PER_SECOND = 1_000;
/** Maximum number of rows that are elements: those in view and some around them. */
const ELEMENTS_MAX = 150;

let edge: ConsoleEdge;
let browser: Browser;

beforeAll(async () => {
  [edge, browser] = await Promise.all([ConsoleEdge.start({ logMaxEntries: 200_000 }), Browser.open()]);
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

interface Frames {
  readonly drawn: number;
  /** The largest number of rows that were elements in one frame. */
  readonly rowsMax: number;
  readonly p95Ms: number;
}

/** Measures the frames of an interval. Frame times are printed, not asserted: they depend on the machine. */
async function watchFrames(page: Page, what: string, duringMs: number): Promise<Frames> {
  const frames = await page.evaluate(
    (during) =>
      new Promise<Frames>((resolve) => {
        const times: number[] = [];
        let rowsMax = 0;
        const begin = performance.now();
        let last = begin;
        const frame = (now: number) => {
          times.push(now - last);
          last = now;
          rowsMax = Math.max(rowsMax, document.querySelectorAll('.log-row').length);
          if (now - begin < during) return requestAnimationFrame(frame);
          const sorted = times.toSorted((one, other) => one - other);
          return resolve({
            drawn: times.length,
            rowsMax,
            p95Ms: sorted[Math.floor(times.length * 0.95)] ?? 0,
          });
        };
        requestAnimationFrame(frame);
      }),
    duringMs,
  );
  console.info(`${what}: ${frames.drawn} frames, 95 of 100 within ${frames.p95Ms.toFixed(0)} ms`);
  return frames;
}

/** The numbers of all lines on the page, in its order. */
async function copiedNumbers(page: Page): Promise<number[]> {
  const text = await copiedBy(page.getByRole('button', { name: /^Copy the lines/ }));
  return [...text.matchAll(/line (\d+) of the log/g)].map((match) => Number(match[1]));
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('very long logs', () => {
  test('100,000 lines are there once and in order, each can be reached, and few are elements, even while 1,000 a second arrive', async () => {
    const { node, writer } = await edge.addNode(LINES);
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node.id}`);
    await page.getByText('100,000 lines', { exact: true }).waitFor();
    await expect.poll(() => page.getByText(`line ${LINES} of the log`).count()).toBe(1);
    expect(await copiedNumbers(page)).toEqual(upTo(LINES));

    const log = page.getByRole('log');
    await log.hover();
    const scrolling = (async () => {
      for (let turn = 0; turn < 30; turn += 1) await page.mouse.wheel(0, turn < 25 ? -5_000 : 2_000);
    })();
    expect((await watchFrames(page, 'scrolling', 2_000)).rowsMax).toBeLessThan(ELEMENTS_MAX);
    await scrolling;
    for (const share of [0.25, 0.5, 0.75]) {
      await log.evaluate((element, part) => element.scrollTo(0, element.scrollHeight * part), share);
      await page
        .getByText(`line ${LINES * share + 1} of the log`, { exact: false })
        .first()
        .waitFor();
    }
    await scrollToBeginning(page);
    await page.getByText('line 1 of the log', { exact: true }).waitFor();

    await page.getByRole('button', { name: /new|Follow/ }).click();
    let line = LINES;
    const timer = setInterval(() => {
      for (let step = 0; step < LINES_PER_SECOND / 20; step += 1) writer.write(draftLine((line += 1)));
    }, 50);
    const { drawn, rowsMax } = await watchFrames(page, 'following 1,000 lines a second', 5_000);
    clearInterval(timer);
    await writer.flush();
    expect(drawn).toBeGreaterThan(1);
    expect(rowsMax).toBeLessThan(ELEMENTS_MAX);
    expect(line).toBeGreaterThan(LINES);
    await page.getByText(`line ${line} of the log`).waitFor();
    await page.getByText(`${line.toLocaleString('en')} lines`, { exact: true }).waitFor();
    expect(await copiedNumbers(page)).toEqual(upTo(line));
  });

  test('all lines are searched while the page stays responsive', async () => {
    const [node] = edge.edge.launches.nodes.values();
    const page = await browser.newPage();
    await signIn(page, edge.address, `/nodes/${node?.id}`);
    await page.getByText(/^10\d,\d{3} lines$/).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('line 99995 ');
    await page.getByText('1 found').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('line 99995 of the log').waitFor();
    await expect.poll(() => page.locator('.log-current mark').innerText()).toBe('line 99995 ');
  });
});
