import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { onTestFinished, TestRunner } from 'vitest';
import type { Browser as Chromium, BrowserContextOptions, Page } from 'playwright-core';
import { WAIT_MS } from '../within.js';

/** Debian's; `npm ci` brings no browser of its own. The shell is Chromium without its windows, and takes two thirds of the CPU. */
const HEADLESS_SHELL = '/usr/bin/chromium-headless-shell';
const CHROMIUM_PATH = existsSync(HEADLESS_SHELL) ? HEADLESS_SHELL : '/usr/bin/chromium';
/** The console as `npm run build` builds it. */
export const CONSOLE_DIR = fileURLToPath(new URL('../../../server/console/dist', import.meta.url));

/** Errors that the browser logs when a server is away or refuses a request; all other errors are our fault. */
const EXPECTED_ERRORS = /Failed to load resource|WebSocket connection to/;

/** A real browser. It collects the errors of every page that it opened. */
export class Browser {
  readonly #chromium: Chromium;
  readonly #errors: string[] = [];

  static async open(): Promise<Browser> {
    const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
    return new Browser(await chromium.launch({ executablePath: CHROMIUM_PATH, args }));
  }

  private constructor(browser: Chromium) {
    this.#chromium = browser;
  }

  /** Unexpected errors that pages threw or logged, among them violations of the security policy. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  /**
   * A page in a new browser context, in which nobody is signed in. It is closed at the end of the test that opened it:
   * a page that stays open keeps drawing beside the next test.
   */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#chromium.newContext({
      viewport: { width: 1_360, height: 820 },
      permissions: ['clipboard-read', 'clipboard-write'],
      // One dot that pulses has the whole page drawn sixty times a second, which took two thirds of the browser's CPU.
      reducedMotion: 'reduce',
      ...options,
    });
    if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => context.close());
    return this.watch(await context.newPage());
  }

  /** Another tab of the same browser. */
  async newTab(page: Page): Promise<Page> {
    return this.watch(await page.context().newPage());
  }

  watch(page: Page): Page {
    page.setDefaultTimeout(WAIT_MS);
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
