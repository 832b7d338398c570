import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppProcess } from '../../support/server/app-process.js';
import { Browser } from '../../support/browser/browser.js';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { MarkdownPage } from '../../support/docs/markdown-page.js';

const SCRIPT = MarkdownPage.read('docs/NODE_LOG_STREAMING_API.md').code('follow-in-a-page.js').text;
const SETUP_MS = 180_000;

interface ReceivedEvent {
  readonly name: string;
  readonly data: { readonly seq?: number; readonly status?: string };
}

/** A user's application: it holds the token, serves a page and obtains tickets for it. */
class Backend {
  readonly #server: Server;
  tickets = 0;

  static async start(app: () => AppProcess): Promise<Backend> {
    const backend = new Backend(app);
    backend.#server.listen(0, '127.0.0.1');
    await once(backend.#server, 'listening');
    return backend;
  }

  private constructor(app: () => AppProcess) {
    this.#server = createServer((request, response) => {
      const nodeId = /^\/ticket\/(.+)$/.exec(request.url ?? '')?.[1];
      if (request.url === '/follow-in-a-page.js') {
        response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(SCRIPT);
      } else if (nodeId === undefined) {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Mine</title>');
      } else {
        this.tickets += 1;
        void app()
          .fetch(`/admin/nodes/${nodeId}/logs/ticket`, { method: 'POST' })
          .then(async (answer) =>
            response.writeHead(200).end(((await answer.json()) as { ticket: string }).ticket),
          )
          .catch(() => response.writeHead(502).end());
      }
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

let app: AppProcess;
let backend: Backend;
let browser: Browser;

beforeAll(async () => {
  await buildWorkspaces();
  backend = await Backend.start(() => app);
  app = await AppProcess.start({ SIMULATOR_SPEED: '40', ALLOWED_ORIGINS: backend.url });
  browser = await Browser.open();
}, SETUP_MS);

afterAll(async () => {
  await browser?.close();
  await app?.close();
  await backend?.stop();
});

async function launchNode(): Promise<string> {
  const body = JSON.stringify({ provider: 'aws', region: 'us-west-2', gpu: 'A100', model: 'Qwen/Qwen3-8B' });
  const answer = await app.fetch('/admin/nodes/launch', { method: 'POST', body });
  return ((await answer.json()) as { node_id: string }).node_id;
}

/** Follows the node in a page, which collects the events. */
async function follow(page: Page, nodeId: string): Promise<void> {
  await page.goto(backend.url);
  await page.addScriptTag({
    type: 'module',
    content: `
      import { followLog } from '/follow-in-a-page.js';
      window.received = [];
      followLog('${app.url}', '${nodeId}', {
        ticketFor: async (id) => {
          const answer = await fetch('/ticket/' + id);
          if (!answer.ok) throw new Error('no ticket');
          return answer.text();
        },
        onEvent: (name, data) => window.received.push({ name, data }),
      });`,
  });
}

const received = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { received: ReceivedEvent[] }).received);

/** The page has no `received` until its module has been fetched and run. */
const untilReceived = (page: Page, name: string) =>
  page.waitForFunction(
    (wanted) =>
      (globalThis as unknown as { received?: ReceivedEvent[] }).received?.some(
        (each) => each.name === wanted,
      ),
    name,
  );

describe('the example for a page, in a real browser', () => {
  test('a page of another origin receives every entry once and in order, even if the server is killed', async () => {
    const nodeId = await launchNode();
    const page = await browser.newPage();
    await follow(page, nodeId);
    await untilReceived(page, 'log');
    await app.down('SIGKILL');
    await app.up();
    await untilReceived(page, 'done');
    const answer = await app.fetch(`/admin/nodes/${nodeId}/logs?tail=10000`);
    const { count } = (await answer.json()) as { count: number };
    const events = await received(page);
    const seqs = events.filter(({ name }) => name === 'log').map(({ data }) => data.seq);
    expect(seqs).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ name: 'done', data: { status: 'active' } });
    expect(backend.tickets).toBeGreaterThan(0);
    await page.context().close();
  });

  test('an EventSource on a signed-in page of the server needs no ticket', async () => {
    const nodeId = await launchNode();
    const page = await browser.newPage();
    await page.goto(app.url);
    const body = JSON.stringify({ token: app.token });
    const events = await page.evaluate(
      async ({ id, signIn }) => {
        const headers = { 'Content-Type': 'application/json' };
        await fetch('/session', { method: 'POST', headers, body: signIn });
        const source = new EventSource(`/admin/nodes/${id}/logs/stream?tail=10000`);
        let logs = 0;
        source.addEventListener('log', () => (logs += 1));
        await new Promise((resolve) => source.addEventListener('done', resolve));
        source.close();
        return logs;
      },
      { id: nodeId, signIn: body },
    );
    expect(events).toBeGreaterThan(40);
    await page.context().close();
  });
});
