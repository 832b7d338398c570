// Takes the screenshots in docs/screenshots: starts the built server with simulated launches, signs in with Debian's
// Chromium and captures each page in both themes. Run it after `npm run build`:
//   node test/support/browser/take-console-screenshots.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pictures = join(root, 'docs', 'screenshots');
const token = 'an-admin-token-for-pictures-of-the-console';

const folder = await mkdtemp(join(tmpdir(), 'launchlog-pictures-'));
const server = spawn(process.execPath, [join(root, 'server/dist/main.js')], {
  env: {
    PATH: process.env.PATH,
    PORT: '0',
    DATA_DIR: folder,
    ADMIN_TOKEN: token,
    ORCHESTRATOR: 'simulated',
    SIMULATOR_SPEED: '12',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const args = ['--no-sandbox', '--disable-lcd-text'];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
try {
  await mkdir(pictures, { recursive: true });
  const url = await listening();
  await photograph(url, await launchSome(url));
} finally {
  await browser.close();
  if (server.exitCode === null && server.kill()) await once(server, 'exit');
  await rm(folder, { recursive: true, force: true });
}

function listening() {
  return new Promise((resolve, reject) => {
    let output = '';
    server.once('exit', () => reject(new Error(`the server did not start: ${output}`)));
    server.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      const url = /listens on (http:\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

async function launchSome(url) {
  const launch = async (request) => {
    const answer = await fetch(`${url}/admin/nodes/launch`, {
      method: 'POST',
      headers: { 'X-Admin-Token': token },
      body: JSON.stringify(request),
    });
    return (await answer.json()).node_id;
  };
  const base = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'meta-llama/Llama-2-7b-chat-hf' };
  const active = await launch({ ...base, simulator_scenario: 'no-capacity', deployment_id: 'chat-prod' });
  const failed = await launch({
    ...base,
    gpu: 'L4',
    model: 'Qwen/Qwen2.5-7B-Instruct',
    simulator_scenario: 'out-of-memory',
  });
  await launch({
    ...base,
    provider: 'gcp',
    region: 'europe-west4',
    gpu: 'H100',
    gpu_count: 8,
    simulator_scenario: 'quota',
  });
  await waitFor(url, active, 'active');
  await waitFor(url, failed, 'failed');
  const running = await launch({
    ...base,
    gpu: 'H100',
    deployment_id: 'chat-prod',
    simulator_scenario: 'never-healthy',
  });
  await launch({
    ...base,
    provider: 'lambda',
    region: 'us-east-1',
    gpu: 'A10',
    use_spot: false,
    deployment_id: 'chat-prod',
  });
  return { active, failed, running };
}

async function waitFor(url, id, status) {
  for (;;) {
    const answer = await fetch(`${url}/admin/nodes/${id}`, { headers: { 'X-Admin-Token': token } });
    if ((await answer.json()).status === status) return;
    await sleep(300);
  }
}

async function photograph(url, { active, failed, running }) {
  const pages = [
    ['nodes', '/', 'tbody tr'],
    ['node-running', `/nodes/${running}`, '.stream-live'],
    ['node-active', `/nodes/${active}?q=graphs`, '.log-row mark'],
    ['node-failed', `/nodes/${failed}?level=warn,error`, '.stream-ended'],
    ['logs', '/logs', '.log-row'],
    ['deployment', '/deployments/chat-prod', '.log-row'],
    ['search', '/search?q=error', '.found-line'],
    ['settings', '/settings/audit', 'tbody tr'],
    ['metrics', '/launch-metrics?window=1d&by=gpu', '.time-plot rect'],
  ];
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width: 1360, height: 820 }, colorScheme });
    const page = await context.newPage();
    const take = (name) => page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
    await page.goto(url);
    await page.getByLabel('Admin token').waitFor();
    await take('sign-in');
    await page.getByLabel('Admin token').fill(token);
    await page.keyboard.press('Enter');
    for (const [name, path, ready] of pages) {
      await page.getByRole('navigation', { name: 'Pages' }).waitFor();
      await page.goto(url + path);
      await shown(page, ready);
      await take(name);
    }
    await page.goto(url);
    await page.getByRole('button', { name: 'Launch node' }).click();
    await shown(page, '.estimate li');
    await take('launch');
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`${url}/nodes/${running}`);
    await shown(page, '.log-row');
    await take('narrow');
    await page.goto(url);
    await shown(page, 'tbody tr');
    await take('narrow-nodes');
    await context.close();
  }
}

/** Waits for the element and for the frame in which it, and what arrived with it, is drawn. */
async function shown(page, ready) {
  await page.locator(ready).first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
