import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Browser } from '../support/browser/browser.js';
import { ConsoleEdge } from '../support/browser/console-edge.js';
import { signIn } from '../support/browser/console-session.js';

let edge: ConsoleEdge;
let browser: Browser;
const paths = { active: '', failed: '', launching: '' };

beforeAll(async () => {
  [edge, browser] = await Promise.all([ConsoleEdge.start(), Browser.open()]);
  const { launches } = edge.edge;
  const add = (overrides: Parameters<typeof launches.add>[0]) => `/nodes/${launches.add(overrides).id}`;
  paths.launching = add({ clusterName: 'cic-launching' });
  paths.active = add({ status: 'active', phase: 'active', deploymentId: 'chat-prod' });
  paths.failed = add({ status: 'failed', phase: 'failed', failureReason: 'quota' });
});

afterAll(async () => {
  await browser?.close();
  await edge?.close();
});

/** Creates a token and returns a page that is signed in with it. */
async function signedInWith(token: object): Promise<Page> {
  const answer = await edge.edge.fetch('/admin/tokens', { method: 'POST', body: JSON.stringify(token) });
  const made = (await answer.json()) as { token: string };
  const page = await browser.newPage();
  await signIn(page, { ...edge.address, token: made.token });
  return page;
}

describe('a token with limited rights', () => {
  test('is offered no action that would be refused, and is shown why', async () => {
    const page = await signedInWith({ name: 'reader', scopes: ['read'] });
    await page.getByText('cic-launching').waitFor();
    await expect.poll(() => page.locator('.rights').innerText()).toContain('Read only');
    await expect.poll(() => page.locator('.rights').getAttribute('title')).toContain('“reader”');
    await expect.poll(() => page.getByRole('button', { name: 'Launch node' }).count()).toBe(0);
    await page.keyboard.press('c');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    for (const path of Object.values(paths)) {
      await page.goto(edge.address.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expect
        .poll(() => page.getByRole('button', { name: /Cancel launch|Terminate|Retry/ }).count())
        .toBe(0);
    }
  });

  test('sees and launches into only the deployment to which it is bound', async () => {
    const page = await signedInWith({
      name: 'bound',
      scopes: ['read', 'launch'],
      deployment_id: 'chat-prod',
    });
    await expect.poll(() => page.locator('.rights').innerText()).toContain('Only chat-prod');
    await page.getByRole('link', { name: 'chat-prod' }).waitFor();
    await expect.poll(() => page.getByText('cic-launching').count()).toBe(0);
    await page.keyboard.press('c');
    await expect.poll(() => page.getByLabel('Deployment', { exact: true }).inputValue()).toBe('chat-prod');
  });

  test('differs from the admin token, for which no limits are shown', async () => {
    const page = await browser.newPage();
    await signIn(page, edge.address);
    await page.getByRole('button', { name: 'Launch node' }).waitFor();
    await expect.poll(() => page.locator('.rights').count()).toBe(0);
    expect(browser.errors).toEqual([]);
  });
});
