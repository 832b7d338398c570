import { NODE_LIST_MAX } from '@launchlog/shared/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { Browser, CONSOLE_DIR } from '../support/browser/browser.js';
import { scrollToBeginning, signIn } from '../support/browser/console-session.js';
import { EdgeBehindNetwork } from '../support/server/edge-behind-network.js';
import { ADMIN_TOKEN } from '../support/server/server-edge.js';

let behind: EdgeBehindNetwork;
let browser: Browser;

beforeEach(async () => {
  [behind, browser] = await Promise.all([
    EdgeBehindNetwork.start({ consoleDir: CONSOLE_DIR }),
    Browser.open(),
  ]);
});

afterEach(async () => {
  await browser?.close();
  await behind?.close();
});

const added = (clusterName: string) => ({
  clusterName,
  deploymentId: 'chat',
  createdAt: new Date().toISOString(),
  updatedAt: new Date().toISOString(),
});

async function openPage(path: string): Promise<{ page: Page; sockets: () => number }> {
  const page = await browser.newPage();
  let sockets = 0;
  page.on('websocket', () => (sockets += 1));
  await signIn(page, { url: behind.url, token: ADMIN_TOKEN }, path);
  await page.locator('.stream', { hasText: 'Live' }).waitFor();
  return { page, sockets: () => sockets };
}

/** Each row as `name: message`. */
const rows = (page: Page) =>
  page
    .locator('.log-row:not(.log-mark)')
    .evaluateAll((all) =>
      all.map(
        (row) =>
          `${row.querySelector('.log-node')?.getAttribute('title')}: ${row.querySelector('.log-message')?.textContent}`,
      ),
    );

describe('the logs of many nodes', () => {
  test('of a deployment are one log over one connection, including a node that joins later and no other node', async () => {
    const one = await behind.addNode(added('cic-one'));
    const two = await behind.addNode(added('cic-two'));
    const other = await behind.addNode({ ...added('cic-other'), deploymentId: 'else' });
    await one.append(2);
    await two.append(1);
    await other.append(1);
    const { page, sockets } = await openPage('/deployments/chat');
    await page.getByText('3 lines', { exact: true }).waitFor();
    const late = await behind.addNode(added('cic-late'));
    await late.append(1);
    await page.getByText('4 lines', { exact: true }).waitFor();
    await late.end('failed', 'no quota');
    await page.locator('.log-mark-error', { hasText: 'no quota' }).waitFor();
    expect((await rows(page)).toSorted()).toEqual(
      [
        'cic-late: line 1',
        'cic-late: no quota',
        'cic-one: line 1',
        'cic-one: line 2',
        'cic-two: line 1',
      ].toSorted(),
    );
    await page
      .getByRole('list', { name: 'Nodes in this log' })
      .getByRole('link', { name: 'cic-late' })
      .waitFor();
    const hues = await page
      .locator('.log-node')
      .evaluateAll((all) => all.map((node) => `${node.getAttribute('title')} ${node.className}`));
    expect(new Set(hues).size).toBe(3);
    expect(sockets()).toBe(1);
  });

  test('link each line to itself in the log of its node', async () => {
    const one = await behind.addNode(added('cic-one'));
    const two = await behind.addNode(added('cic-two'));
    await one.append(30);
    await two.append(3);
    const { page } = await openPage('/logs');
    await page.getByText('33 lines', { exact: true }).waitFor();
    const line = page.locator('.log-row', { has: page.getByText('line 29', { exact: true }) });
    await line.locator('.log-node').click();
    await page.getByRole('heading', { level: 1, name: 'cic-one' }).waitFor();
    const seq = page.locator('.log-anchored .log-seq');
    await seq.waitFor();
    expect(`#L${await seq.innerText()}`).toBe(new URL(page.url()).hash);
    await expect.poll(() => page.locator('.log-anchored .log-message').innerText()).toContain('line 29');
  });

  test('begin with the last lines, and are called live only when earlier ones stand before them', async () => {
    const one = await behind.addNode(added('cic-one'));
    await one.append(700);
    const page = await browser.newPage();
    await page.addInitScript(() => {
      const states: string[] = [];
      Object.assign(globalThis, { states });
      new MutationObserver(() => {
        const text = document.querySelector('.stream')?.textContent ?? '';
        if (text !== '' && states.at(-1) !== text) states.push(text);
      }).observe(document, { subtree: true, childList: true, characterData: true });
    });
    await signIn(page, { url: behind.url, token: ADMIN_TOKEN }, '/logs');
    await page.getByText('line 700', { exact: true }).waitFor();
    await page.getByText('700 lines', { exact: true }).waitFor();
    await page.locator('.stream', { hasText: 'Live' }).waitFor();
    const states = await page.evaluate(() => (globalThis as unknown as { states: string[] }).states);
    expect(states).toEqual(['Connecting…', 'Loading history…', 'Live']);
    await expect.poll(() => page.getByText('line 700', { exact: true }).count()).toBe(1);
    await one.append(1);
    await page.getByText('line 701', { exact: true }).waitFor();
    await scrollToBeginning(page);
    await page.getByText('line 1', { exact: true }).waitFor();
    expect((await rows(page)).slice(0, 3)).toEqual([1, 2, 3].map((seq) => `cic-one: line ${seq}`));
  });

  test('lose and repeat nothing when the connection breaks, and mark the interruption', async () => {
    const one = await behind.addNode(added('cic-one'));
    await one.append(3);
    const { page } = await openPage('/logs');
    await page.getByText('3 lines', { exact: true }).waitFor();
    await behind.network.down();
    await page.getByText('Connection lost. Reconnecting…').waitFor();
    await one.append(3);
    await behind.network.up();
    await page.getByText('line 6').waitFor();
    await page.getByText('Reconnected. The log continues where it left off.').waitFor();
    expect(await rows(page)).toEqual([1, 2, 3, 4, 5, 6].map((seq) => `cic-one: line ${seq}`));
  });

  test('of a deployment are found even if all of its nodes are too old for the list', async () => {
    const ended = { status: 'active', phase: 'active', endedAt: '2020-01-01T00:00:00.000Z' } as const;
    const createdAt = '2020-01-01T00:00:00.000Z';
    const old = await behind.addNode({ ...added('cic-old'), ...ended, createdAt });
    await old.append(2);
    for (let node = 0; node < NODE_LIST_MAX; node += 1)
      behind.edge.launches.add({ ...added(`cic-${node}`), ...ended, deploymentId: 'else' });
    const { page } = await openPage('/deployments/chat');
    await page.locator('.log-node[title=cic-old]').first().waitFor();
    expect(await rows(page)).toEqual(['cic-old: line 1', 'cic-old: line 2']);
    await page.getByText('deployment, 1 node').waitFor();
  });

  test('of launches that ended long ago are part of their deployment', async () => {
    const ended = { status: 'active', phase: 'active', endedAt: '2020-01-01T00:00:00.000Z' } as const;
    const old = await behind.addNode({ ...added('cic-old'), ...ended });
    await old.append(2);
    const now = await behind.addNode({ ...added('cic-now'), ...ended, endedAt: new Date().toISOString() });
    await now.append(1);
    const { page } = await openPage('/deployments/chat');
    await page.locator('.log-node[title=cic-now]').waitFor();
    expect(await rows(page)).toEqual(['cic-old: line 1', 'cic-old: line 2', 'cic-now: line 1']);
  });
});
