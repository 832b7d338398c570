import { createLaunchlogClient } from '@launchlog/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppProcess } from '../support/server/app-process.js';
import { Browser } from '../support/browser/browser.js';
import { runCli } from '../support/process/cli-run.js';
import { signIn } from '../support/browser/console-session.js';
import { NginxServer } from '../support/network/nginx-server.js';

const PUBLIC_URL = 'https://launch.example.org/launchlog/';
const LAUNCH = { provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'facebook/opt-125m' } as const;

describe('a server below a path, behind nginx', () => {
  let app: AppProcess;
  let browser: Browser;
  const proxies: NginxServer[] = [];

  beforeAll(async () => {
    [app, browser] = await Promise.all([
      AppProcess.start({ SIMULATOR_SPEED: '100', PUBLIC_URL }),
      Browser.open(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    for (const proxy of proxies) await proxy.stop();
    await app?.close();
  });

  /** Nginx removes the prefix from requests where the address of the server ends in a slash. */
  async function below(upstream: string): Promise<string> {
    const changes = { 'location / {': 'location /launchlog/ {', 'proxy_pass http://launchlog;': upstream };
    const nginx = await NginxServer.start({ upstreams: [new URL(app.url).host], changes });
    proxies.push(nginx);
    return `${nginx.url}/launchlog`;
  }

  test.each([
    ['leaves the prefix', 'proxy_pass http://launchlog;'],
    ['removes the prefix', 'proxy_pass http://launchlog/;'],
  ])('serves console, cookie, calls, streams, WebSocket and SDK where the proxy %s', async (_, upstream) => {
    const url = await below(upstream);
    const headers = { 'X-Admin-Token': app.token };
    const body = JSON.stringify(LAUNCH);
    const launched = await fetch(`${url}/admin/nodes/launch`, { method: 'POST', headers, body });
    const location = launched.headers.get('location') ?? '';
    expect(location).toMatch(/^\/launchlog\/admin\/nodes\//);
    expect((await fetch(new URL(location, url), { headers })).status).toBe(200);

    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { servers: unknown };
    expect(document.servers).toEqual([{ url: 'https://launch.example.org/launchlog' }]);

    const client = createLaunchlogClient({ url: `${url}/`, token: app.token });
    const { node } = await client.launch(LAUNCH);
    const types: string[] = [];
    for await (const event of client.followLog(node.id)) types.push(event.type);
    expect(types.at(-1)).toBe('done');
    await client.close();

    const environment = { LAUNCHLOG_URL: url, LAUNCHLOG_TOKEN: app.token };
    const { stdout } = await runCli(['doctor'], { environment });
    expect(stdout).toMatch(/database: .*\n[^]*launches: /);
    expect(stdout).toContain('proxy: the proxy at 127.0.0.1 is not trusted');

    const page = await browser.newPage();
    await signIn(page, { url, token: app.token });
    expect((await page.context().cookies()).map(({ path }) => path)).toEqual(['/launchlog']);
    await page.locator('tbody a').first().click();
    await page.waitForURL(`${url}/nodes/*`);
    await page.locator('.stream', { hasText: 'Complete' }).waitFor();
    // A page with a path of several parts, opened by its address.
    await page.reload();
    await page.locator('.log-row').first().waitFor();
    await page.getByRole('link', { name: 'Metrics' }).click();
    await page.waitForURL(`${url}/launch-metrics`);
    expect(browser.errors).toEqual([]);
    await page.context().close();
  });

  test('is also reached directly, with and without its path', async () => {
    const page = await browser.newPage();
    await signIn(page, app, '/');
    await page.locator('tbody a').first().click();
    await page.locator('.log-row').first().waitFor();
    expect(browser.errors).toEqual([]);
    expect((await fetch(`${app.url}/launchlog/healthz`)).status).toBe(200);
    expect((await fetch(`${app.url}/launchlogs/healthz`)).status).toBe(404);
  });
});
