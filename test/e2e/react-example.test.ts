import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Browser } from '../support/browser/browser.js';
import { OutsideProject } from '../support/package/outside-project.js';
import { AppProcess } from '../support/server/app-process.js';

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/react', import.meta.url));
/** What the example's package.json names beside the SDK, which is installed from its tarball. */
const PACKAGES = [
  '@tanstack/react-query',
  '@types/react',
  '@types/react-dom',
  '@vitejs/plugin-react',
  'react',
  'react-dom',
  'vite',
];

describe('the React example of the documentation', () => {
  let project: OutsideProject;
  let app: AppProcess;
  let browser: Browser;
  let server: PreviewServer;

  beforeAll(async () => {
    project = OutsideProject.create();
    cpSync(EXAMPLE, project.folder, { recursive: true, filter: (path) => !path.endsWith('package.json') });
    for (const name of PACKAGES) project.link(name);
    [app, browser] = await Promise.all([AppProcess.start({ SIMULATOR_SPEED: '100' }), Browser.open()]);
    vi.stubEnv('LAUNCHLOG_URL', app.url);
    vi.stubEnv('LAUNCHLOG_TOKEN', app.token);
    await build({ root: project.folder, logLevel: 'error' });
    server = await preview({
      root: project.folder,
      logLevel: 'error',
      preview: { port: 0, host: '127.0.0.1' },
    });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await server?.close();
    await browser?.close();
    await app?.close();
    project?.remove();
  });

  test('is correct in its types', () => {
    expect(project.typeCheck()).toEqual([]);
  });

  test('lists, launches and follows a node live, in StrictMode, over one connection', async () => {
    const page = await browser.newPage();
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(server.resolvedUrls?.local[0] ?? '');
    await page.getByText('0 launches in the last month').waitFor();
    await page.getByRole('button', { name: 'Launch' }).click();
    await page
      .getByRole('region', { name: 'node' })
      .getByRole('heading', { name: /^cic-aws-/ })
      .waitFor();
    await page.getByRole('status').waitFor();
    await page.getByText('Active 100 %, ended').waitFor();
    const lines = (await page.locator('pre').textContent()) ?? '';
    expect(lines.split('\n').length).toBeGreaterThan(20);
    await page.getByRole('listitem').filter({ hasText: 'Active' }).waitFor();
    expect(sockets).toHaveLength(1);
    expect(browser.errors).toEqual([]);
  });
});
