import { PostgresServer } from '../backing-service/postgres-server.js';
import { seedNodes } from '../database/seeded-nodes.js';
import { AppProcess } from '../server/app-process.js';
import { Browser } from './browser.js';

const NODES = 5_000;
/** PostgreSQL, the browser and the server start, one after the other on a busy machine. */
export const FLEET_TIMEOUT_MS = 180_000;

/** The built server among 5,000 nodes that it did not launch, and a browser for its console. */
export class ConsoleFleet {
  readonly nodes = NODES;
  readonly app: AppProcess;
  readonly browser: Browser;
  readonly postgres: PostgresServer;

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ConsoleFleet> {
    const [postgres, browser] = await Promise.all([PostgresServer.start(), Browser.open()]);
    const app = await AppProcess.start({ ...environment, DATABASE_URL: postgres.url });
    await postgres.query(seedNodes(NODES));
    return new ConsoleFleet({ postgres, browser, app });
  }

  private constructor(parts: Pick<ConsoleFleet, 'postgres' | 'browser' | 'app'>) {
    this.postgres = parts.postgres;
    this.browser = parts.browser;
    this.app = parts.app;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.postgres.stop();
  }
}
