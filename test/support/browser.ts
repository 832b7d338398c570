import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser as Chromium, BrowserContextOptions, Page } from 'playwright-core';

/** Debian's; `npm ci` brings no browser of its own. */
const CHROMIUM_PATH = '/usr/bin/chromium';
/** What `npm run build` makes of the console. */
export const CONSOLE_DIR = fileURLToPath(new URL('../../server/console/dist', import.meta.url));

/** What a reader of the page must never see in its console: errors of our own, and breaches of the security policy. */
const EXPECTED_ERRORS = /Failed to load resource|WebSocket connection to/;

/** A real browser. Every page it opened is watched for errors. */
export class Browser {
  readonly #chromium: Chromium;
  readonly #errors: string[] = [];

  static async open(): Promise<Browser> {
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
    return new Browser(await chromium.launch({ executablePath: CHROMIUM_PATH, args }));
  }

  private constructor(chromium_: Chromium) {
    this.#chromium = chromium_;
  }

  /** Errors that pages wrote to their consoles, other than what a server that is away or refuses makes the browser say. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /** A page of a browser that knows nobody yet. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#chromium.newContext({
      viewport: { width: 1_360, height: 820 },
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    return this.watch(await context.newPage());
  }

  /** Another tab of the same browser. */
  async newTab(page: Page): Promise<Page> {
    return this.watch(await page.context().newPage());
  }

  watch(page: Page): Page {
    page.setDefaultTimeout(30_000);
    page.on('pageerror', (error) => this.#errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED_ERRORS.test(message.text()))
        this.#errors.push(message.text());
    });
    return page;
  }

  close(): Promise<void> {
    return this.#chromium.close();
  }
}
