import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { AppProcess } from '../support/app-process.js';
import { Browser } from '../support/browser.js';
import { readScreenLog, signIn } from '../support/console-session.js';

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

describe('a launch, watched in the console', () => {
  test('comes up from the form to an endpoint that can be copied and answers, and is terminated only when confirmed', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    expect(await page.getByText('Simulated', { exact: true }).isVisible()).toBe(true);
    await launch(page, 'no-capacity');
    await page.getByRole('button', { name: 'Copy endpoint' }).click();
    const endpoint = await page.evaluate(() => navigator.clipboard.readText());
    expect((await fetch(`${endpoint}/health`)).status).toBe(200);

    const steps = await page.locator('.step').allInnerTexts();
    expect(steps).toHaveLength(7);
    expect(await page.locator('.step-done').count()).toBe(7);
    expect(await page.locator('.attempt-outcome').allInnerTexts()).toEqual(['No capacity', 'got it']);
    expect(await page.getByText('Complete', { exact: true }).isVisible()).toBe(true);

    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const stored = (await (await app.fetch(`/admin/nodes/${id}/logs?tail=10000`)).json()) as {
      count: number;
    };
    const shown = await readScreenLog(page);
    expect(shown.reduce((sum, row) => sum + row.entries, 0)).toBe(stored.count);

    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect(await page.locator('.node-head .pill').innerText()).toBe('Active');
    await page.getByRole('button', { name: 'Terminate' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
    await page.locator('.node-head .pill-terminated').waitFor();
  });

  test('that fails says why and where, and can be retried', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await launch(page, 'out-of-memory');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('Model did not load');
    expect(await page.locator('.step-failed').innerText()).toContain('Loading model');
    const first = page.url();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.waitForURL((url) => url.href !== first);
    expect(
      await page.getByRole('link', { name: first.split('/').at(-1)?.slice(0, 8) ?? '' }).isVisible(),
    ).toBe(true);
  });

  test('is cancelled after a question, and ends as cancelled', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await launch(page, 'never-healthy');
    await page.getByRole('button', { name: 'Cancel launch' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel launch' }).click();
    await page.locator('.node-head .pill', { hasText: 'Cancelled' }).waitFor();
    expect(await page.getByRole('button', { name: 'Retry' }).isVisible()).toBe(true);
  });

  test('that cannot be is refused at its field, with what was typed still there', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.keyboard.press('c');
    await page.getByLabel('Number of GPUs').fill('99');
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Number of GPUs');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.getByText('must be a whole number from 1 to 16').isVisible()).toBe(true);
    await field.fill('4');
    expect(await field.getAttribute('aria-invalid')).toBe('false');
  });

  test('is refused where the mistake is folded away, too: it is shown, and stays shown while it is put right', async () => {
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
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('512');
    expect(await field.inputValue()).toBe('512');
    expect(await field.getAttribute('aria-invalid')).toBe('false');
    expect(await field.isVisible()).toBe(true);
  });

  test('is remembered: the next form begins with what was launched last', async () => {
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
    expect(await page.getByLabel('Model', { exact: true }).inputValue()).toBe('facebook/opt-125m');
    expect(await page.getByLabel('Deployment').inputValue()).toBe('chat-prod');
  });

  test('sends secrets that nothing remembers or shows, and a retry asks for them again', async () => {
    const page = await browser.newPage();
    await signIn(page, app);
    await page.keyboard.press('c');
    await page.getByText('Secrets', { exact: true }).click();
    await page.getByRole('button', { name: 'Add a secret' }).click();
    const row = page.getByRole('group', { name: 'Secret 1' });
    await row.getByLabel('Name').fill('hf token');
    await row.getByLabel('Value').fill('hf_a-value-of-the-test');
    expect(await row.getByLabel('Value').getAttribute('type')).toBe('password');
    await page.getByLabel('Simulated scenario').selectOption('quota');
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await page.getByText('names must look like environment variables').waitFor();
    await row.getByLabel('Name').fill('HF_TOKEN');
    expect(await row.isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    await page.getByRole('alert').waitFor();
    const first = page.url();
    await page.keyboard.press('c');
    expect(await page.getByRole('group', { name: 'Secret 1' }).count()).toBe(0);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Retry' }).click();
    const dialog = page.getByRole('dialog', { name: 'Secrets of this launch' });
    await dialog.getByLabel('HF_TOKEN').fill('hf_a-value-of-the-test');
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await page.waitForURL((url) => url.href !== first);
    await page.getByRole('heading', { level: 1, name: /^cic-/ }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href]));
    expect(kept + (await page.content())).not.toContain('hf_a-value-of-the-test');
  });

  test('nothing of this made the page write an error', () => {
    expect(browser.errors).toEqual([]);
  });
});
