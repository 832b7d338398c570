import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '@launchlog/server/app/app';
import { readConfig } from '@launchlog/server/config';
import { createLogger } from '@launchlog/server/logger';
import { makeMigratedPgliteFolder } from '../database/new-pglite-folder.js';

/** For the start of its database on a busy machine. */
export const APP_TIMEOUT_MS = 180_000;

/** A whole server within the process of the tests, on embedded parts in a folder of its own, which is removed at the end. */
export class EmbeddedApp {
  readonly url: string;
  readonly folder: string;
  readonly #app: App;

  static async start(environment: Readonly<Record<string, string>>): Promise<EmbeddedApp> {
    const folder = await mkdtemp(join(tmpdir(), 'launchlog-app-'));
    try {
      const fixed = { PORT: '0', DATA_DIR: folder, ORCHESTRATOR: 'simulated' };
      const config = readConfig({ ...fixed, ...environment });
      await makeMigratedPgliteFolder(join(folder, 'database'));
      return new EmbeddedApp(await App.start(config, createLogger('silent')), folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  private constructor(app: App, folder: string) {
    this.url = app.url;
    this.folder = folder;
    this.#app = app;
  }

  async close(): Promise<void> {
    await this.#app.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
