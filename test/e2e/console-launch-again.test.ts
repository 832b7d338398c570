import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { ConsoleFleet, FLEET_TIMEOUT_MS } from '../support/browser/console-fleet.js';
import { scrollToBeginning, signIn } from '../support/browser/console-session.js';
import { copiedBy } from '../support/browser/copied-by.js';
import { eventually } from '../support/within.js';

let fleet: ConsoleFleet;
let failedId: string;

const LAUNCH = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  gpu_count: 2,
  model: 'facebook/opt-125m',
  envs: { GREETING: "it's" },
  simulator_scenario: 'out-of-memory',
};

/** An id of React as part of a selector. */
const selectorOf = (id: string | null) => (id ?? '').replaceAll(':', String.raw`\:`);

interface WireNode {
  readonly node_id: string;
  readonly status: string;
  readonly evidence?: { readonly seq: number };
  readonly retry_of?: string;
  readonly [name: string]: unknown;
}

async function call(path: string, body?: object): Promise<WireNode> {
  const init = body && { method: 'POST', body: JSON.stringify(body) };
  return (await (await fleet.app.fetch(path, init)).json()) as WireNode;
}

beforeAll(async () => {
  fleet = await ConsoleFleet.start({ SIMULATOR_SPEED: '100' });
  failedId = (await call('/admin/nodes/launch', LAUNCH)).node_id;
  await eventually('the launch fails', async () => {
    return (await call(`/admin/nodes/${failedId}`)).status === 'failed';
  });
}, FLEET_TIMEOUT_MS);
afterAll(() => fleet?.close());

async function openFailed(rest = ''): Promise<Page> {
  const page = await fleet.browser.newPage();
  await signIn(page, fleet.app, `/nodes/${failedId}${rest}`);
  await page.getByRole('list', { name: 'Evidence' }).waitFor();
  return page;
}

async function idOfNext(page: Page, before: string): Promise<string> {
  await page.waitForURL((url) => !url.pathname.endsWith(before));
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

describe('a failed launch among 5,000 nodes', () => {
  test('shows cause, remedy and the lines around the cause first, and jumps to its line in a log that hides it', async () => {
    const page = await openFailed('?level=info');
    const panel = page.getByRole('region', { name: 'Why it failed' });
    await expect.poll(() => panel.getByRole('alert').innerText()).toContain('Model did not load');
    await expect.poll(() => panel.innerText()).toContain('Try this: Lower --max-model-len');
    const { evidence } = await call(`/admin/nodes/${failedId}`);
    const seq = evidence?.seq ?? 0;
    const cause = panel.locator('.evidence-cause');
    await expect.poll(() => cause.innerText()).toMatch(new RegExp(`^${seq}\\s+torch.OutOfMemoryError`));
    await expect.poll(() => panel.getByRole('listitem').count()).toBe(9);

    await panel
      .getByRole('button', { name: `Jump to line ${seq}` })
      .first()
      .click();
    await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe(String(seq));
    // Another jump to the same line, after the reader has scrolled away.
    await scrollToBeginning(page);
    await expect.poll(() => page.locator('.log-anchored').count()).toBe(0);
    await panel
      .getByRole('button', { name: `Jump to line ${seq}` })
      .first()
      .click();
    await expect.poll(() => page.locator('.log-anchored .log-seq').innerText()).toBe(String(seq));
  });

  test('is retried with changes, keeps the rest, and refuses a wrong one at its field', async () => {
    const page = await openFailed();
    await page.getByRole('button', { name: 'Retry with changes…' }).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByLabel('Model', { exact: true }).inputValue()).toBe(LAUNCH.model);
    await dialog.getByLabel('Region').fill('us east');
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await expect.poll(() => dialog.getByLabel('Region').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByLabel('Region').fill('us-east-1');
    await dialog.getByLabel('GPU', { exact: true }).fill('H100');
    await dialog.getByLabel('Simulated scenario').selectOption('');
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    const id = await idOfNext(page, failedId);
    expect(await call(`/admin/nodes/${id}`)).toMatchObject({ retry_of: failedId, region: 'us-east-1' });
    const { request } = await call(`/admin/nodes/${id}/request`);
    expect(request).toMatchObject({ gpu: 'H100', gpu_count: 2, envs: LAUNCH.envs });
    expect(request).not.toHaveProperty('simulator_scenario');
  });

  test('is duplicated as a launch of its own', async () => {
    const page = await openFailed();
    await page.locator('summary', { hasText: 'More' }).click();
    await page.getByRole('button', { name: 'Duplicate…' }).click();
    await page.getByLabel('Region').fill('eu-west-1');
    await page.getByText('Alternatives', { exact: true }).click();
    await page.getByRole('button', { name: 'Add a machine' }).click();
    await page.getByRole('group', { name: 'Machine 2' }).getByLabel('GPU', { exact: true }).fill('H100');
    await page.getByText('After the launch').click();
    await page.getByLabel('When the node is lost').selectOption('relaunch');
    await page.getByLabel('Terminate after').fill('3d');
    await page.getByLabel('At most, US dollars per hour').fill('50');
    await page.getByRole('button', { name: 'Launch', exact: true }).click();
    const id = await idOfNext(page, failedId);
    const { request } = await call(`/admin/nodes/${id}/request`);
    const afterwards = { on_loss: 'relaunch', terminate_after: 4_320, max_hourly_cost: 50 };
    expect(request).toMatchObject({ region: 'eu-west-1', envs: LAUNCH.envs, ...afterwards });
    expect(request).toMatchObject({ any_of: [{ provider: 'aws' }, { gpu: 'H100' }] });
    expect(await call(`/admin/nodes/${id}`)).not.toHaveProperty('retry_of');
    await page.locator('summary', { hasText: 'More' }).click();
    await page.getByRole('button', { name: 'Duplicate…' }).click();
    await expect.poll(() => page.getByLabel('Terminate after').inputValue()).toBe('3d');
    const second = page.getByRole('group', { name: 'Machine 2' });
    await expect.poll(() => second.getByLabel('GPU', { exact: true }).inputValue()).toBe('H100');
  });

  test('is copied as a curl command that launches the same in a shell', async () => {
    const page = await openFailed();
    await page.locator('summary', { hasText: 'More' }).click();
    const command = await copiedBy(page.getByRole('button', { name: 'Copy as curl' }));
    const env = { PATH: process.env['PATH'], LAUNCHLOG_TOKEN: fleet.app.token };
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
    const { node_id: id } = JSON.parse(stdout) as WireNode;
    const [again, first] = await Promise.all(
      [id, failedId].map((each) => call(`/admin/nodes/${each}/request`)),
    );
    expect(again).toEqual(first);
  });

  test('begins in a form that shows what it would launch and cost, and refuses names in the wrong field', async () => {
    const page = await fleet.browser.newPage();
    await signIn(page, fleet.app);
    await page.getByRole('rowheader').first().waitFor();
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog');
    const summary = dialog.getByLabel('What would be launched');
    await expect.poll(() => summary.innerText()).toContain('1 × A100 (spot) at aws, us-west-2');
    await expect.poll(() => summary.innerText()).toMatch(/First choice:\s+AWS · us-west-2a.*\s+\$0\.49\/h/);
    const region = dialog.getByLabel('Region', { exact: true });
    // From the offers and from 5,000 nodes of other people.
    const suggested = await dialog
      .locator(`#${selectorOf(await region.getAttribute('list'))} option`)
      .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    expect(suggested).toEqual(expect.arrayContaining(['us-west-2', 'us-east-1', 'eu-central-1']));
    await region.fill('AWS');
    await dialog.getByLabel('GPU', { exact: true }).fill('us-west-2');
    await dialog.getByText('Nothing can be launched yet').waitFor();
    await dialog.getByRole('button', { name: 'Launch', exact: true }).click();
    await dialog.getByText('is a provider, not a region of aws').waitFor();
    await dialog.getByText('is a region, not a GPU').waitFor();
    await region.fill('us-east-1');
    await dialog.getByLabel('GPU', { exact: true }).fill('H100');
    await dialog.getByText('is a region, not a GPU').waitFor({ state: 'detached' });
    await expect.poll(() => summary.innerText()).toContain('H100');
  });

  test('no page logged an error', () => {
    expect(fleet.browser.errors).toEqual([]);
  });
});
