import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { AppProcess } from '../support/server/app-process.js';
import { Browser } from '../support/browser/browser.js';
import { readScreenLog, signIn } from '../support/browser/console-session.js';
import { copiedBy } from '../support/browser/copied-by.js';

let app: AppProcess;
let browser: Browser;

beforeAll(async () => {
  [app, browser] = await Promise.all([AppProcess.start({ SIMULATOR_SPEED: '40' }), Browser.open()]);
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function launch(page: Page, scenario: string): Promise<void> {
  await page.keyboard.press('c');
  await page.getByLabel('Simulated scenario').selectOption(scenario);
  await page.getByRole('button', { name: 'Launch', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: /^cic-/ }).waitFor();
}

describe('a launch in the console', () => {
  test('runs from the form to an endpoint that can be copied and answers, and is terminated only after confirmation', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.getByText('Simulated', { exact: true }).waitFor();
    await launch(page, 'no-capacity');
    const endpoint = await copiedBy(page.getByRole('button', { name: 'Copy endpoint' }));
    expect((await fetch(`${endpoint}/health`)).status).toBe(200);

    const steps = await page.locator('.step').allInnerTexts();
    expect(steps).toHaveLength(7);
    await expect.poll(() => page.locator('.step-done').count()).toBe(7);
    await expect
      .poll(() => page.locator('.attempt-outcome').allInnerTexts())
      .toEqual(['No capacity', 'got it']);
    await page.getByText('Complete', { exact: true }).waitFor();

    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const stored = (await (await app.fetch(`/admin/nodes/${id}/logs?tail=10000`)).json()) as {
      count: number;
    };
    const shown = await readScreenLog(page);
    expect(shown.reduce((sum, row) => sum + row.entries, 0)).toBe(stored.count);

    await page.getByRole('region', { name: 'Life of the node' }).getByText('Active at').waitFor();
    await page.getByRole('button', { name: 'Output now' }).click();
    await page.getByRole('log', { name: 'Output now' }).getByText('GET /health').first().waitFor();

    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await expect.poll(() => page.locator('.node-head .pill').innerText()).toBe('Active');
    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await page.locator('.node-head .pill-terminated').waitFor();
  });

  test('shows why and where it failed, and can be retried', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await launch(page, 'out-of-memory');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    await expect.poll(() => alert.innerText()).toContain('Model did not load');
    await expect.poll(() => page.locator('.step-failed').innerText()).toContain('Loading model');
    const first = page.url();
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.waitForURL((url) => url.href !== first);
    await page.getByRole('link', { name: first.split('/').at(-1)?.slice(0, 8) ?? '' }).waitFor();
  });

  test('is cancelled after confirmation, and ends as cancelled', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await launch(page, 'never-healthy');
    await page.getByRole('button', { name: 'Cancel launch' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel launch' }).click();
    await page.locator('.node-head .pill', { hasText: 'Cancelled' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Retry', exact: true }).isVisible()).toBe(true);
  });

  test('is refused at the invalid field, which keeps what was typed', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.keyboard.press('c');
    await page.getByLabel('Number of GPUs').fill('99');
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Number of GPUs');
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByText('must be a whole number from 1 to 16').waitFor();
    await field.fill('4');
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('false');
  });

  test('is refused at an invalid field in a closed section, which opens and stays open while the field is corrected', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.keyboard.press('c');
    await page.getByText('More settings').click();
    const field = page.getByLabel('Disk, GB');
    await field.fill('abc');
    await page.getByText('More settings').click();
    expect(await field.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await field.waitFor();
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('512');
    await expect.poll(() => field.inputValue()).toBe('512');
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('false');
    await field.waitFor();
  });

  test('is remembered: the next form starts with the values of the last launch', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.keyboard.press('c');
    await page.getByLabel('Model', { exact: true }).fill('facebook/opt-125m');
    await page.getByLabel('Deployment').fill('chat-prod');
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await page.getByRole('link', { name: 'chat-prod' }).waitFor();
    await page.reload();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.keyboard.press('c');
    await expect.poll(() => page.getByLabel('Model', { exact: true }).inputValue()).toBe('facebook/opt-125m');
    await expect.poll(() => page.getByLabel('Deployment').inputValue()).toBe('chat-prod');
  });

  test('sends secrets that are neither stored nor shown, and a retry asks for them again', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.keyboard.press('c');
    await page.getByText('Secrets', { exact: true }).click();
    await page.getByRole('button', { name: 'Add a secret' }).click();
    const row = page.getByRole('group', { name: 'Secret 1' });
    await row.getByLabel('Name').fill('hf token');
    await row.getByLabel('Value').fill('hf_a-value-of-the-test');
    await expect.poll(() => row.getByLabel('Value').getAttribute('type')).toBe('password');
    await page.getByLabel('Simulated scenario').selectOption('quota');
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await page.getByText('names must look like environment variables').waitFor();
    await row.getByLabel('Name').fill('HF_TOKEN');
    await row.waitFor();
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await page.getByRole('alert').waitFor();
    const first = page.url();
    await page.keyboard.press('c');
    await expect.poll(() => page.getByRole('group', { name: 'Secret 1' }).count()).toBe(0);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Secrets of this launch' });
    await dialog.getByLabel('HF_TOKEN').fill('hf_a-value-of-the-test');
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.waitForURL((url) => url.href !== first);
    await page.getByRole('heading', { level: 1, name: /^cic-/ }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href]));
    expect(kept + (await page.content())).not.toContain('hf_a-value-of-the-test');
  });

  test('no page logged an error', () => {
    expect(browser.errors).toEqual([]);
  });
});
