import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { AppProcess } from '../support/server/app-process.js';
import { Browser } from '../support/browser/browser.js';
import { signIn } from '../support/browser/console-session.js';
import { copiedBy } from '../support/browser/copied-by.js';

let app: AppProcess;
let browser: Browser;

beforeAll(async () => {
  [app, browser] = await Promise.all([
    AppProcess.start({ SIMULATOR_STRAYS: 'ours,foreign', SIMULATOR_SPEED: '30' }),
    Browser.open(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function openSettings(path: string): Promise<Page> {
  const page = await browser.newPage();
  await signIn(page, app, path);
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  return page;
}

const statusWith = async (token: string) =>
  (await fetch(`${app.url}/admin/nodes`, { headers: { 'X-Admin-Token': token } })).status;

test('a stray of ours is terminated after a question, and nothing can be done to a foreign one', async () => {
  const page = await openSettings('/settings/strays');
  const foreign = page.getByRole('row').filter({ hasText: 'cic-gcp-europewest4-h100-od-f0e16e' });
  await foreign.getByText('It has the label of the installation f0e16e00-').waitFor();
  await foreign.getByText('untouchable').waitFor();
  expect(await foreign.getByRole('button').count()).toBe(0);
  const ours = page.getByRole('row').filter({ hasText: 'cic-aws-uswest2-a100-spot-57a1e1' });
  await ours.getByRole('cell', { name: 'AWS us-west-2' }).waitFor();
  await ours.getByRole('cell', { name: '3h ago' }).waitFor();
  await ours.getByText('No node had this cluster').waitFor();
  await ours.getByRole('button', { name: 'Terminate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await ours.getByRole('button', { name: 'Terminate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Terminate' }).click();
  await expect.poll(() => ours.count()).toBe(0);
});

test('a token is made, shown once, used, rotated and revoked; the trail has all of it and is filtered', async () => {
  const page = await openSettings('/settings');
  await page.getByText(`launchlog tokens create ci --scope read,launch --url ${app.url}`).waitFor();
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name', { exact: true }).fill('not a name');
  await page.getByRole('button', { name: 'Make the token' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('ci');
  await page.getByRole('button', { name: 'Make the token' }).click();
  const shown = page.getByRole('dialog', { name: 'The token' });
  const token = await shown.locator('code').innerText();
  expect(await statusWith(token)).toBe(200);
  await shown.getByRole('button', { name: 'I have kept it' }).click();
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'ci' }) });
  await row.getByRole('button', { name: 'Rotate' }).click();
  const next = await shown.locator('code').innerText();
  expect(next).not.toBe(token);
  expect(await statusWith(next)).toBe(200);
  await shown.getByRole('button', { name: 'I have kept it' }).click();
  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await row.getByText('revoked').waitFor();
  await expect.poll(() => statusWith(next)).toBe(401);

  await page.getByRole('link', { name: 'Audit trail' }).click();
  await page.getByLabel('Action').selectOption('token.rotate');
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  await expect.poll(() => new URL(page.url()).search).toBe('?action=token.rotate');
  await page.getByLabel('Time').selectOption('1d');
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  const target = await page.locator('tbody tr td.mono').first().innerText();
  await page.getByLabel('Of what').fill('nothing has this id');
  await page.getByText('Nothing was recorded that matches.').waitFor();
  await page.getByLabel('Of what').fill(target);
  await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
  await page.getByText('Export', { exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
  const [head, ...rows] = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
  expect(head).toMatch(/^id,at,action,/);
  expect(rows).toEqual([expect.stringMatching(/,token\.rotate,ok,/)]);
  await page.getByLabel('Outcome').selectOption('failed');
  await page.getByText('Nothing was recorded that matches.').waitFor();
});

test('on a phone a token is a card that names each of its values', async () => {
  await fetch(`${app.url}/admin/tokens`, {
    method: 'POST',
    headers: { 'X-Admin-Token': app.token },
    body: JSON.stringify({ name: 'of-the-phone', scopes: ['read', 'launch'] }),
  });
  const page = await openSettings('/settings/tokens');
  await page.setViewportSize({ width: 390, height: 844 });
  const card = page.locator('tbody tr').filter({ hasText: 'of-the-phone' });
  const titles = await card
    .locator('th, td')
    .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell, '::before').content));
  expect(titles).toEqual(['"Name"', '"May"', '"Only"', '"Created"', '"Last used"', '"Ends"', 'none']);
  const button = await card.getByRole('button', { name: 'Revoke' }).boundingBox();
  expect((button?.x ?? 999) + (button?.width ?? 0)).toBeLessThan(390);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('a rule is made, sends a test, is switched off and is removed', async () => {
  const page = await openSettings('/settings/notifications');
  await page.getByText('There are no rules yet.').waitFor();
  await page.getByRole('button', { name: 'New rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('ops');
  await page.getByLabel('Send by').selectOption('webhook');
  const labels = page.getByRole('dialog').locator('label:not(.check), legend');
  const weights = await labels.evaluateAll((all) => all.map((each) => getComputedStyle(each).fontWeight));
  expect(new Set(weights).size).toBe(1);
  await page.getByLabel('URL').fill('https://hooks.launchlog.invalid/x');
  await page.getByRole('button', { name: 'Make the rule' }).click();
  const key = page.getByRole('dialog', { name: 'The signing key' });
  await expect.poll(() => key.locator('code').innerText()).toMatch(/^whsec_/);
  await key.getByRole('button', { name: 'I have kept it' }).click();
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'ops' }) });
  await row.getByRole('button', { name: 'New key' }).click();
  await expect.poll(() => key.locator('code').innerText()).toMatch(/^whsec_/);
  await key.getByRole('button', { name: 'I have kept it' }).click();
  await row.getByRole('button', { name: 'Send test' }).click();
  await page.locator('.toast-error', { hasText: 'ops: ' }).waitFor();
  await row.getByRole('checkbox', { name: 'ops is on' }).click();
  await expect.poll(() => row.getByRole('checkbox').isChecked()).toBe(false);
  await row.getByRole('button', { name: 'Edit' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rule ops' });
  await dialog.getByLabel('launch.failed').uncheck();
  await dialog.getByLabel('Only this provider').selectOption('gcp');
  await dialog.getByLabel('Only this deployment').fill('chat');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row.getByRole('cell', { name: 'gcp, chat' }).waitFor();
  await row.getByRole('cell', { name: 'node.lost', exact: true }).waitFor();
  await row.getByText('webhook').waitFor();
  const [asked] = await Promise.all([
    page.waitForRequest(/notifications\.deliveries.*ruleId/),
    page.getByLabel('Rule of deliveries').selectOption('ops'),
  ]);
  expect(new URL(page.url()).searchParams.get('rule')).toMatch(/^[0-9a-f-]{36}$/);
  expect((await asked.response())?.status()).toBe(200);
  await page.getByText('No delivery matches.').waitFor();
  await row.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('There are no rules yet.').waitFor();
});

test('an empty list has a command that launches the first node', async () => {
  const page = await browser.newPage();
  await signIn(page, app);
  const command = await copiedBy(page.getByRole('button', { name: 'Copy the command' }));
  expect(command).toContain(`LAUNCHLOG_URL=${app.url} launchlog launch --provider aws`);
});

test('a budget is made, shows what is spent of it with a warning, is changed and is removed', async () => {
  const page = await openSettings('/settings/budgets');
  await page.getByText('There are no budgets yet.').waitFor();
  await page.getByRole('button', { name: 'New budget' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('chat');
  await dialog.getByLabel('US dollars per hour').fill('much');
  await dialog.getByLabel('Deployment').fill('budgeted');
  await dialog.getByRole('button', { name: 'Make the budget' }).click();
  await dialog.getByRole('alert').getByText('US dollars per hour must be more than 0').waitFor();
  const launch = { provider: 'aws', gpu: 'A100', model: 'a/b', deployment_id: 'budgeted' };
  const headers = { 'X-Admin-Token': app.token };
  const send = async (path: string): Promise<unknown> =>
    (await fetch(app.url + path, { method: 'POST', headers, body: JSON.stringify(launch) })).json();
  const { hourly_cost: price } = (await send('/admin/nodes/estimate')) as { hourly_cost: number };
  await dialog.getByLabel('US dollars per hour').fill(String(price * 1.1));
  await dialog.getByRole('button', { name: 'Make the budget' }).click();
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: 'chat' }) });
  await row.getByText('$0.00 of').waitFor();
  await send('/admin/nodes/launch');
  await row.locator('.pill-degraded', { hasText: '90 %' }).waitFor();
  expect(await send('/admin/nodes/launch')).toMatchObject({ error: { code: 'budget_exceeded' } });
  await row.locator('.pill-failed', { hasText: 'A launch was refused' }).waitFor();
  await row.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByLabel('US dollars per hour').fill('1000');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row.getByText('of $1,000.00 per hour').waitFor();
  await row.getByRole('button', { name: 'Remove' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('There are no budgets yet.').waitFor();
});

test('no page logged an error', () => {
  expect(browser.errors).toEqual([]);
});

test('thousands of tokens are drawn in parts, counted and filtered', async () => {
  const page = await browser.newPage();
  const tokens = Array.from({ length: 5_000 }, (_, index) => ({
    id: `id-${index}`,
    name: `token-${index}`,
    scopes: ['read'],
    createdBy: 'admin',
    createdAt: new Date().toISOString(),
  }));
  await page.route('**/trpc/tokens.list**', (route) =>
    route.fulfill({ json: { result: { data: { tokens } } } }),
  );
  await signIn(page, app, '/settings/tokens');
  await page.getByText('100 of 5,000 tokens are shown').waitFor();
  expect(await page.locator('tbody tr').count()).toBe(100);
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('200 of 5,000 tokens are shown').waitFor();
  await page.getByLabel('Find tokens').fill('READ token-4999');
  await page.getByText('1 of 5,000 tokens', { exact: true }).waitFor();
  expect(await page.getByRole('rowheader').allInnerTexts()).toEqual(['token-4999']);
  await page.getByLabel('Find tokens').fill('none such');
  await page.getByText('No tokens match.').waitFor();
});

test('a list that cannot be read offers another try, and keeps the page and a secret that is shown once', async () => {
  const page = await openSettings('/settings/tokens');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByLabel('Name', { exact: true }).fill('kept');
  await page.route('**/trpc/tokens.list**', (route) => route.abort());
  await page.getByRole('button', { name: 'Make the token' }).click();
  const shown = page.getByRole('dialog', { name: 'The token' });
  const token = await shown.locator('code').innerText();
  const fault = page.locator('.load-fault');
  await fault.getByText('These are the tokens of before: the server cannot be reached').waitFor();
  expect(await shown.locator('code').innerText()).toBe(token);
  await shown.getByRole('button', { name: 'I have kept it' }).click();
  await page.unroute('**/trpc/tokens.list**');
  await fault.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('rowheader', { name: 'kept' }).waitFor();
  expect(await fault.count()).toBe(0);

  await page.route('**/trpc/budgets.list**', (route) =>
    route.fulfill({ status: 503, body: '<html>gateway' }),
  );
  await page.getByRole('link', { name: 'Budgets' }).click();
  await page.getByText(/The budgets cannot be shown: the address answers with HTTP 503/).waitFor();
  await page.unroute('**/trpc/budgets.list**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('There are no budgets yet.').waitFor();
  await page.getByRole('link', { name: 'Checks' }).click();
  await page.getByRole('row').filter({ hasText: 'database' }).getByText('fits').waitFor();
});

test('a search and metrics that could not be read are tried again by a button', async () => {
  const page = await openSettings('/settings/checks');
  const gateway = { status: 502, body: '<html>gateway' };
  await page.route(/\/trpc\/(?:logs\.search|metrics)/, (route) => route.fulfill(gateway));
  await page.getByRole('link', { name: 'Search', exact: true }).click();
  await page.getByLabel('Text to search for').fill('no log holds this');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByText('The search failed: the address answers with HTTP 502').waitFor();
  await page.getByRole('link', { name: 'Metrics' }).click();
  await page.getByText('The metrics could not be loaded: the address answers with HTTP 502').waitFor();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Try again' }).waitFor({ state: 'detached' });
  await page.route(/\/trpc\/logs\.search/, (route) => route.fulfill(gateway));
  await page.goto(`${app.url}/search?q=no+log+holds+this`);
  await page.getByText('The search failed: ').waitFor();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => page.getByText('The search failed: ').count()).toBe(0);
});

test('a session of somebody else is ended after a question', async () => {
  const other = await openSettings('/settings/strays');
  const page = await openSettings('/settings/sessions');
  await page.getByRole('row').filter({ hasText: 'this session' }).waitFor();
  const before = await page.locator('tbody tr').count();
  const row = page.locator('tbody tr').filter({ hasNotText: 'this session' }).first();
  await row.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await expect.poll(() => page.locator('tbody tr').count()).toBe(before - 1);
  await other.close();
});
